import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import fc from 'fast-check';
import {parseCgroups} from '../../../../src/targets/linux/cgroups.js';
import {limitLeaving} from '../../../../src/targets/linux/descriptors.js';
import {allocatedAt, createFill, removeFill, type Space} from '../../../../src/targets/linux/fill-file.js';
import {planFill} from '../../../../src/targets/linux/fill-plan.js';
import {folderInside} from '../../../../src/targets/linux/inside-root.js';
import {effectOf} from '../../../../src/targets/linux/stressors.js';
import {planCpu, planIo, processesOf} from '../../../../src/targets/linux/stress-plan.js';

const GIB = 2 ** 30;

describe('The limit of descriptors', () => {
  it('leaves exactly as many numbers free below it as were asked for', () => {
    const numbers = fc.uniqueArray(fc.nat({max: 60}), {maxLength: 40});
    fc.assert(
      fc.property(numbers, fc.nat({max: 30}), (open, leave) => {
        const limit = limitLeaving(open, leave);
        const free = Array.from({length: limit}, (_, n) => n).filter(n => !open.includes(n));
        expect(free).to.have.length(leave);
      }),
    );
  });

  it('counts gaps as room, because the kernel gives the lowest free number', () => {
    expect(limitLeaving([0, 1, 2, 5], 0)).to.equal(3);
    expect(limitLeaving([0, 1, 2, 5], 2), '5 is open already').to.equal(6);
    expect(limitLeaving([0, 1, 2, 5], 3)).to.equal(7);
  });
});

describe('The cgroups of a process', () => {
  it('are read from both versions', () => {
    const text = '12:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/system.slice/docker-abc.scope\n';
    expect(parseCgroups(text)).to.deep.equal([
      {controllers: ['cpu', 'cpuacct'], path: '/docker/abc'},
      {controllers: ['name=systemd'], path: '/docker/abc'},
      {controllers: [''], path: '/system.slice/docker-abc.scope'},
    ]);
  });
});

describe('A folder inside a root', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'firedrill-root-'));
    mkdirSync(join(root, 'data/deep'), {recursive: true});
  });
  afterEach(() => {
    rmSync(root, {recursive: true, force: true});
  });

  it('is found through relative and absolute links, which never lead out', async () => {
    symlinkSync('/data', join(root, 'absolute'));
    symlinkSync('../../../../data/deep', join(root, 'data/relative'));
    symlinkSync('absolute/relative', join(root, 'both'));
    expect(await folderInside(root, '/absolute/deep')).to.equal('/data/deep');
    expect(await folderInside(root, '/both')).to.equal('/data/deep');
    expect(await folderInside(root, '/../../data/./deep/..')).to.equal('/data');
    expect(await folderInside(root, '/')).to.equal('/');
  });

  it('is refused where there is none, where it is a file, and where links go round in circles', async () => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync('/etc', join(root, 'outside'));
    symlinkSync('loop', join(root, 'loop'));
    for (const [path, code] of [
      ['/outside', 'ENOENT'],
      ['/file', 'ENOTDIR'],
      ['/loop', 'ELOOP'],
    ] as const) {
      const error: unknown = await folderInside(root, path).catch((thrown: unknown) => thrown);
      expect(error, path).to.have.property('code', code);
    }
  });
});

describe('A file that fills', () => {
  it('has all of its blocks, is never taken over, and is removed twice without harm', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-fill-'));
    const file = join(folder, 'fill');
    expect(await createFill(file, 3 * 2 ** 20, 10_000)).to.equal(undefined);
    expect(await allocatedAt(file)).to.be.at.least(3 * 2 ** 20);
    expect(await createFill(file, 2 ** 20, 10_000)).to.contain('EEXIST');
    await removeFill(file);
    await removeFill(file);
    expect(await allocatedAt(file)).to.equal(undefined);
    rmSync(folder, {recursive: true});
  });
});

describe('The plan of a fill', () => {
  const space = (freeGib: number): Space => {
    return {total: 100 * GIB, free: freeGib * GIB, freeForRoot: (freeGib + 5) * GIB, inMemory: false};
  };
  const ask = (given: {bytes?: number; share?: number; marginBytes?: number}) => {
    return {bytes: undefined, share: undefined, marginBytes: undefined, ...given};
  };

  it('counts a share as df does: what only root may use is no part of it', () => {
    // 65 of 95 GiB are used.
    const plan = planFill(ask({share: 0.8}), {space: space(30), asRoot: false, isMachines: false});
    expect(plan).to.deep.equal({bytes: 11 * GIB, left: 19 * GIB});
  });

  it('fills also what is kept for root where the target is root', () => {
    const site = {space: space(30), isMachines: false};
    expect(planFill(ask({share: 1}), {...site, asRoot: false})).to.include({bytes: 30 * GIB, left: 0});
    expect(planFill(ask({share: 1}), {...site, asRoot: true})).to.include({bytes: 35 * GIB, left: 0});
  });

  it("keeps the larger of 1 GiB and 5 % free on the machine's own disk, and 256 MiB whatever is asked", () => {
    const site = {space: space(30), asRoot: false, isMachines: true};
    expect(planFill(ask({bytes: 25 * GIB}), site)).to.include({left: 5 * GIB});
    expect(planFill(ask({bytes: 25 * GIB + 1}), site))
      .to.have.property('problem')
      .that.contains('5GiB must stay free');
    expect(planFill(ask({bytes: 29 * GIB, marginBytes: GIB}), site)).to.include({left: GIB});
    expect(planFill(ask({bytes: 30 * GIB, marginBytes: 0}), site))
      .to.have.property('problem')
      .that.contains('256MiB');
  });

  it('refuses a share that is in use already', () => {
    const plan = planFill(ask({share: 0.5}), {space: space(30), asRoot: false, isMachines: false});
    expect(plan).to.have.property('problem', 'has 68.4% of that file system in use already');
  });
});

describe('The plan of a stress', () => {
  it('asks for no more cores than the target may use', () => {
    expect(planCpu({workers: 8, load: 0.5, forMs: 5_000}, 2)).to.include({asked: 2});
    expect(planCpu({workers: undefined, load: 1, forMs: 5_000}, 1.5)).to.deep.include({
      asked: 1.5,
      argv: ['--cpu', '2', '--cpu-load', '100', '--keep-name', '--quiet', '--timeout', '65s'],
    });
  });

  it('knows how many processes it takes', () => {
    expect(processesOf(planIo({workers: 3, bytes: 1, forMs: 1}))).to.equal(9);
  });
});

describe('The effect of a stress', () => {
  const usage = {
    processes: 3,
    working: 2,
    ageSeconds: 10,
    cpuSeconds: 0,
    waitSeconds: 0,
    heldBytes: 0,
    writtenBytes: 0,
  };

  it('is there when a good part of what was asked for is used', () => {
    const cpu = {kind: 'cpu', asked: 2} as const;
    expect(effectOf(cpu, {...usage, cpuSeconds: 2.1})).to.include({done: true, work: 2.1});
    expect(effectOf(cpu, {...usage, cpuSeconds: 1})).to.include({
      done: false,
      why: 'it gets 0.10 of the 2 cores asked for, and waits for no more than 0.00',
    });
    expect(effectOf(cpu, {...usage, cpuSeconds: 0.5, waitSeconds: 9}), 'others have the processors').to.include({
      done: true,
      work: 0.5,
    });
    expect(effectOf(cpu, {...usage, ageSeconds: 1, cpuSeconds: 0.02}), 'a busy machine').to.include({done: true});
    expect(effectOf({kind: 'memory', asked: 100}, {...usage, heldBytes: 79})).to.include({done: false});
    expect(effectOf({kind: 'memory', asked: 100}, {...usage, heldBytes: 80})).to.include({done: true});
    expect(effectOf({kind: 'io', asked: 100}, usage)).to.include({done: false});
  });
});
