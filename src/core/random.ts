/** Uniform in [0, 1), as Math.random. Given to whoever needs chance, so that tests repeat. */
export type Random = () => number;
