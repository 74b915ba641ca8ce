import type {Command, Interfaces} from '@oclif/core';
import {Help} from '@oclif/core/help';
import type {CommandClass, Installed} from './base.js';
import {COMMAND_IDS, COMMANDS, TOPICS} from './index.js';

/**
 * Prints the help of one command, of a topic, or of all (undefined), as oclif lays it out. It is given what it reads of
 * oclif's configuration, which would load every command.
 */
export async function showHelp(of: string | undefined, installed: Installed): Promise<void> {
  const shown = COMMAND_IDS.find(id => id === of);
  const command = shown === undefined ? undefined : await COMMANDS[shown].load();
  const commands = Object.entries(COMMANDS).map(([id, {summary}]) =>
    asOclif(id, summary, id === shown ? command : undefined),
  );
  const topics = Object.entries(TOPICS).map(([name, description]) => ({name, description}));
  const config = {
    bin: installed.name,
    userAgent: `${installed.name}/${installed.version} ${process.platform}-${process.arch} node-${process.version}`,
    pjson: {description: installed.description, oclif: {}},
    platform: process.platform,
    topicSeparator: ' ',
    commands,
    // oclif takes a topic for one when something below it is listed too.
    topics: [...topics, ...commands.map(({id}) => ({name: id}))],
    plugins: new Map(),
    findCommand: (id: string) => commands.find(command => command.id === id),
    findTopic: (name: string) => topics.find(topic => topic.name === name),
  };
  await new Help(config as unknown as Interfaces.Config).showHelp(of === undefined ? [] : [of]);
}

function asOclif(id: string, summary: string, command: CommandClass | undefined): Command.Loadable {
  const {description, usage, examples, flags = {}, strict} = command ?? {};
  const args = Object.fromEntries(Object.entries(command?.args ?? {}).map(([name, arg]) => [name, {...arg, name}]));
  return {id, summary, aliases: [], description, usage, examples, args, flags, strict} as unknown as Command.Loadable;
}
