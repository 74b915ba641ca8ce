import {removalScript} from './rules.js';

/** How often a sign of life is looked for, s, and how many may be missed before the process is taken for dead. */
const EVERY_S = 1;
const MISSED = 5;

/**
 * POSIX sh that runs the interposer (`sh -c SCRIPT NAME FOLDER COMMAND…`) and outlives it: whatever ends the process,
 * the redirect rules are gone a moment later and the service answers by itself again. One that lives but does nothing
 * any more (stopped, or busy for ever) is killed. A shell, because it takes a megabyte where another node would take
 * forty.
 */
export function supervisorScript(tag: string): string {
  return `folder=$1; shift
trap '' HUP INT
"$@" "$folder" &
child=$!
exec >/dev/null 2>&1
trap 'kill -TERM $child' TERM
(
  trap - TERM
  missed=0; last=
  while sleep ${EVERY_S}; do
    read -r now <"$folder/beat" || now=
    if [ "$now" = "$last" ]; then missed=$((missed + 1)); else missed=0; last=$now; fi
    [ $missed -lt ${MISSED} ] || kill -KILL $child
  done
) &
watcher=$!
while kill -0 $child; do wait $child; done
kill $watcher
${removalScript(tag)}
rm -rf "$folder"
`;
}
