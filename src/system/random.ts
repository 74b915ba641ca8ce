export {seededRandom, type Random} from '../quantities/random.js';
