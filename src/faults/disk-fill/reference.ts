import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        "One file `.firedrill-fill-TAG` in the folder, made with O_EXCL and allocated with `fallocate` (written where the file system cannot): in the writable layer, or in the volume or tmpfs that is mounted there. The container's symbolic links are followed inside its root and never out of it. Where Firedrill cannot enter the host, the shell of the container does it.",
      undo: "`rm PATH/.firedrill-fill-TAG`, exactly that file: below the container's root while it runs, in its upper folder while it is stopped, in the volume also when the container is gone.",
      proof:
        'The file is there with all of its blocks; the readings hold the free space. Work that met the full disk cannot be counted.',
      privileges: "Root on the engine's host; else a shell with df, du, rm and dd in the image.",
      limits:
        'Refused where it would leave less than `margin` on a file system that the machine itself needs (its root, /var, /tmp, /home, the data folder of the engine); a volume with a disk of its own can be filled to the brim. A tmpfs is memory: the machine keeps the larger of 1 GiB and 10 % of it. By the shell of the container only the writable layer can be filled, and the undo waits until a stopped container runs again.',
    },
    process: {
      mechanism:
        'One file `.firedrill-fill-TAG` below the current directory of the process, or below `path`, allocated with `fallocate`.',
      undo: '`rm PATH/.firedrill-fill-TAG`, exactly that file, also when the process has ended.',
      proof: 'The file is there with all of its blocks; the readings hold the free space.',
      privileges: 'The right to write there.',
      limits:
        'The margins are those of docker. Refused where the process sees other file systems than this machine: select its container. Linux only.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'A large file beside the store',
      fault: `name: fill disk
disk-fill: { size: 64MiB, path: /tmp }
targets: [store]
for: 15s`,
    },
    {
      on: 'process',
      title: 'A large file beside the store',
      fault: `name: fill disk
disk-fill: { size: 64MiB, path: /tmp }
targets: [store]
for: 15s`,
    },
  ],
};
