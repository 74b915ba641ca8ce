import * as z from 'zod';
import {notifierKind, type Moment, type Notice} from './contract.js';
import {JSON_TYPE, moments, secretText, withoutTags} from './fields.js';

const parameters = () =>
  z.strictObject({
    url: secretText('SLACK_WEBHOOK_URL').describe('Address of the incoming webhook.'),
    on: moments(['started', 'injected', 'undone', 'owed', 'ended']),
  });

const SIGNS: Readonly<Record<Moment, string>> = {
  started: ':arrow_forward:',
  injected: ':fire:',
  undone: ':leftwards_arrow_with_hook:',
  owed: ':rotating_light:',
  ended: ':checkered_flag:',
};

function textOf({moment, title, run, host, text, outcome}: Notice): string {
  const means = outcome === undefined ? [] : [`Exit ${outcome.exit}: ${outcome.means}`];
  const head = `${SIGNS[moment]} *${withoutTags(title)}*`;
  return [
    head,
    withoutTags(text),
    ...means.map(withoutTags),
    `_Chaos experiment, run ${withoutTags(run)} on ${withoutTags(host)}_`,
  ].join('\n');
}

/** Slack's incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const slack = notifierKind('Messages in a channel, by an incoming webhook.', parameters, ({url, on}, reveal) => {
  const address = reveal(url);
  return {
    message: notice =>
      on.includes(notice.moment)
        ? {method: 'POST', url: address, headers: JSON_TYPE, body: JSON.stringify({text: textOf(notice)})}
        : undefined,
  };
});
