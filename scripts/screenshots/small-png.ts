import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const RGB = 2;
const INDEXED = 3;
const MOST_COLOURS = 256;
const BYTES_PER_PIXEL = 3;

/**
 * Nearly the same picture in a third of the bytes: of a page with flat colours, whose 256 most frequent ones are kept.
 * @param png as Chromium writes them: 8 bits for each of red, green and blue, not interlaced; others are given back
 */
export function smallPng(png: Buffer): Buffer {
  const chunks = chunksOf(png);
  const head = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (head?.[8] !== 8 || head[9] !== RGB || head[12] !== 0) return png;
  const width = head.readUInt32BE(0);
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((each) => each.data)));
  const { palette, lines } = indexed(unfiltered(data, width * BYTES_PER_PIXEL), width);
  const indexedHead = Buffer.from(head);
  indexedHead[9] = INDEXED;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', indexedHead),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

interface Indexed {
  /** Three bytes for each colour. */
  readonly palette: Buffer;
  /** A byte for each pixel, and one before each line. */
  readonly lines: Buffer;
}

/** @param plain lines of pixels, each with a byte before it */
function indexed(plain: Buffer, width: number): Indexed {
  const pixels: number[] = [];
  const counts = new Map<number, number>();
  const stride = width * BYTES_PER_PIXEL + 1;
  for (let row = 0; row < plain.length; row += stride) {
    for (let at = row + 1; at < row + stride; at += BYTES_PER_PIXEL) {
      const colour = plain.readUIntBE(at, BYTES_PER_PIXEL);
      pixels.push(colour);
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
  }
  const kept = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_COLOURS)
    .map(([colour]) => colour);
  const places = new Map([...counts.keys()].map((colour) => [colour, kept.indexOf(nearest(kept, colour))]));
  const lines = Buffer.alloc((plain.length / stride) * (width + 1));
  for (const [index, colour] of pixels.entries()) {
    lines[Math.floor(index / width) * (width + 1) + 1 + (index % width)] = places.get(colour) ?? 0;
  }
  return { palette: Buffer.from(kept.flatMap(partsOf)), lines };
}

function nearest(colours: readonly number[], colour: number): number {
  let [best = 0] = colours;
  for (const each of colours) if (distance(each, colour) < distance(best, colour)) best = each;
  return best;
}

function distance(one: number, other: number): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  return a.reduce((sum, part, index) => sum + (part - (b[index] ?? 0)) ** 2, 0);
}

function partsOf(colour: number): readonly number[] {
  return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

function chunksOf(png: Buffer): readonly Chunk[] {
  const chunks = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** Takes back the filter of each line (PNG specification, 9.2): each has a byte that names it, 0 for none. */
function unfiltered(data: Buffer, width: number): Buffer {
  const plain = Buffer.alloc(data.length);
  for (let row = 0; row < data.length; row += width + 1) {
    const filter = data[row];
    for (let at = row + 1; at <= row + width; at++) {
      const isFirst = at - row <= BYTES_PER_PIXEL;
      const left = isFirst ? 0 : (plain[at - BYTES_PER_PIXEL] ?? 0);
      const up = row === 0 ? 0 : (plain[at - width - 1] ?? 0);
      const corner = isFirst || row === 0 ? 0 : (plain[at - width - 1 - BYTES_PER_PIXEL] ?? 0);
      plain[at] = (data[at] ?? 0) + prediction(filter, { left, up, corner });
    }
  }
  return plain;
}

interface Neighbours {
  readonly left: number;
  readonly up: number;
  readonly corner: number;
}

function prediction(filter: number | undefined, { left, up, corner }: Neighbours): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
    default:
      return 0;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
