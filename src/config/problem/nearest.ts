/**
 * The name that was probably meant, or nothing. One letter off counts for names of four letters, two for longer ones;
 * shorter names are too near to each other to guess.
 */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  const written = word.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const name of names) {
    const tolerance = toleranceFor(name.length);
    if (Math.abs(written.length - name.length) > tolerance) continue;
    const distance = lettersApart(written, name.toLowerCase());
    if (distance <= tolerance && distance < least) {
      best = name;
      least = distance;
    }
  }
  return best;
}

function toleranceFor(length: number): number {
  if (length < 4) return 0;
  return length === 4 ? 1 : 2;
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to make one word the other (Damerau-Levenshtein in
 * its restricted form: no letter is touched twice). Takes time in the product of the lengths.
 */
export function lettersApart(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
