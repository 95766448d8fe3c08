/** Uniform in [0, 1), as Math.random. Handed to the parts that need chance, so that tests repeat. */
export type Random = () => number;
