// The thread of a load from source: tsx does not get into threads by itself. What is built has no need of it.
import {register} from 'tsx/esm/api';

register();
await import('./thread-main.ts');
