import {mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import type {EngineInfo} from '../../../../../../src/targets/drivers/docker/engine/api.js';
import {identityOf} from '../../../../../../src/targets/drivers/docker/engine/engine.js';

const host = 'unix:///run/podman/podman.sock';
const podman = (ID: string): EngineInfo => ({ID, Name: 'here', DockerRootDir: '/var/lib/containers/storage'});
const idOf = (ids: readonly string[], about: EngineInfo = {}, at = host) =>
  identityOf(
    {host: at},
    [...ids].map(id => ({...podman(id), ...about})),
  );

describe('Who an engine is', () => {
  it('is its own id where that stays the same', () => {
    expect(idOf(['A', 'A'])).to.equal('A');
  });

  it('follows from name, root and address where every answer has another id', () => {
    const known = idOf(['A', 'B']);
    expect(known).to.match(/^[0-9a-f]{64}$/);
    expect(idOf(['C', 'D'])).to.equal(known);
    expect(idOf(['A', 'B'], {Name: 'there'})).not.to.equal(known);
    expect(idOf(['A', 'B'], {DockerRootDir: '/elsewhere'})).not.to.equal(known);
    expect(idOf(['A', 'B'], {}, 'unix:///run/user/1000/podman/podman.sock')).not.to.equal(known);
  });

  it('does not depend on the name by which a socket is called', () => {
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-engine-'));
    try {
      writeFileSync(join(folder, 'podman.sock'), '');
      symlinkSync(join(folder, 'podman.sock'), join(folder, 'docker.sock'));
      const ids = ['podman.sock', 'docker.sock'].map(name => idOf(['A', 'B'], {}, `unix://${join(folder, name)}`));
      expect(new Set(ids)).to.have.property('size', 1);
    } finally {
      rmSync(folder, {recursive: true});
    }
  });

  it('is refused where it cannot be known', () => {
    expect(() => identityOf({host}, [{}, {}])).to.throw('holds no engine id');
    expect(() => identityOf({host}, [{ID: 'A'}, {ID: 'B'}])).to.throw('another one at each request');
  });
});
