import type {AuthorAction, Change, Kind} from '../targets/contract.js';
import type {DraftRequest} from './contract.js';

/** What an author gives of a fault of their own. */
interface AuthorActions {
  readonly do: AuthorAction;
  readonly undo?: AuthorAction | {readonly nothing: string};
  readonly proof?: AuthorAction;
}

/** A fault of the author's own is about any target, and acts from this machine. */
export const byAuthor = {
  nature: 'state' as const,
  hits: ['container', 'process', 'pod', 'workload', 'node', 'connection', 'host'] satisfies Kind[],
  needs: ['author' as const],
  draft: ({targets, parameters, can}: DraftRequest<AuthorActions, 'author'>): Promise<readonly Change[]> => {
    const {do: act, undo, proof} = parameters;
    return Promise.all(targets.map(target => can.author.act(target, {do: act, undo, proof})));
  },
};
