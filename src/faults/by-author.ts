import type {AuthorAction, Change} from '../targets/contract.js';
import {KINDS} from '../targets/target.js';
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
  hits: KINDS,
  needs: ['author' as const],
  draft: ({targets, parameters, can}: DraftRequest<AuthorActions, 'author'>): Promise<readonly Change[]> => {
    const {do: act, undo, proof} = parameters;
    return Promise.all(targets.map(target => can.author.act(target, {do: act, undo, proof})));
  },
};
