/** What an attacker, a broken disk or a careless program does to a good input: one to four of these, one after another. */
import type { Random } from './random.ts'

const NUMBERS = [0, 1, 0x7f, 0x80, 0xfe, 0xff]
/** Characters on which readers trip: separators of every format here, controls, look-alikes, halves of a pair. */
const CHARACTERS = [
  ...'.~:;,="\'\\/+-_ \n\r\t\0{}[]()<>|&%#@0123456789AZaz9',
  '\u007f',
  '\u00a0',
  '\u0130',
  '\u212a',
  '\u2028',
  '\ufeff',
  '\uff11',
  '\ud800',
  '\udc00',
  '😀',
]
const TEXTS = [
  '__proto__',
  'constructor',
  'null',
  'true',
  '-1',
  '0',
  '1e309',
  '9007199254740993',
  '99999999999999999999',
  '\n\n',
  '\u2014 ',
  '..',
  '%00',
  '\r\n',
  '--',
  '""',
  '{}',
  '[]',
  'A'.repeat(300),
]

/** Changed bytes; `others` are good inputs to take parts from. */
export function mutateBytes(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let changed: Uint8Array = bytes.slice()
  for (let left = 1 + random.below(4); left > 0; left--) changed = mutateBytesOnce(random, changed, others)
  return changed
}

function mutateBytesOnce(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + random.below(random.pick([1, 4, 32, 256])))
  switch (random.below(9)) {
    case 0: // a bit
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
      return bytes
    case 1: // a byte
      if (at < bytes.length) bytes[at] = random.once(2) ? random.pick(NUMBERS) : random.next()
      return bytes
    case 2: // the end
      return random.once(2) ? bytes.slice(0, at) : joined(bytes, random.bytes(1 + random.below(40)))
    case 3: // gone
      return joined(bytes.subarray(0, at), bytes.subarray(end))
    case 4: // twice
      return joined(bytes.subarray(0, end), bytes.subarray(at))
    case 5: // something between
      return joined(bytes.subarray(0, at), random.bytes(1 + random.below(16)), bytes.subarray(at))
    case 6: // over something
      bytes.set(random.bytes(end - at), at)
      return bytes
    case 7: {
      // part of another
      const other = random.pick(others)
      const from = random.below(other.length + 1)
      return joined(bytes.subarray(0, at), other.subarray(from, from + 1 + random.below(256)), bytes.subarray(end))
    }
    default: {
      // a number of four bytes
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      if (at + 4 <= bytes.length)
        view.setUint32(at, random.pick([0, 1, 0x7fffffff, 0x80000000, 0xffffffff, random.next()]))
      return bytes
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** A changed text. */
export function mutateText(random: Random, text: string, others: readonly string[]): string {
  let changed = text
  for (let left = 1 + random.below(4); left > 0; left--) changed = mutateTextOnce(random, changed, others)
  return changed
}

function mutateTextOnce(random: Random, text: string, others: readonly string[]): string {
  const at = random.below(text.length + 1)
  const end = Math.min(text.length, at + 1 + random.below(random.pick([1, 1, 4, 64])))
  const [before, middle, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)]
  switch (random.below(11)) {
    case 0: // another character
      return before + random.pick(CHARACTERS) + text.slice(at + 1)
    case 1: // one that stands elsewhere in it: keeps to the alphabet
      return before + (text[random.below(text.length)] ?? '') + text.slice(at + 1)
    case 2:
      return before + after
    case 3:
      return before + middle + middle + after
    case 4:
      return before + random.pick(CHARACTERS) + middle + after
    case 5:
      return before + random.pick(TEXTS) + middle + after
    case 6:
      return before + [...middle].reverse().join('') + after
    case 7:
      return random.once(2) ? before : text + random.pick(CHARACTERS)
    case 8:
      return before + (random.once(2) ? middle.toUpperCase() : middle.toLowerCase()) + after
    case 9: {
      // a line or a part moved
      const by = random.pick(['\n', '.', ',', ';', ' ', '~', ':'])
      const parts = text.split(by)
      const [part = ''] = parts.splice(random.below(parts.length), 1)
      parts.splice(random.below(parts.length + 1), 0, part)
      return parts.join(by)
    }
    default: {
      // part of another
      const other = random.pick(others)
      const from = random.below(other.length + 1)
      return before + other.slice(from, from + 1 + random.below(128)) + after
    }
  }
}

/** Values that a member of any type could be given instead. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  '',
  ' ',
  'x',
  '0',
  '__proto__',
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  '\ud800',
  'A'.repeat(70),
  '2026-02-30T24:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
]

/** The text of a JSON value near to the given one: members changed, dropped, added, given twice, or moved deeper. */
export function mutateJson(random: Random, value: unknown): string {
  let changed = structuredClone(value)
  for (let left = 1 + random.below(3); left > 0; left--) changed = mutateValue(random, changed, 0)
  const text = JSON.stringify(changed) ?? 'null'
  if (random.once(8)) return mutateText(random, text, [text])
  return random.once(20) ? text.replace('{', `{"__proto__":${JSON.stringify(random.pick(VALUES))},`) : text
}

/** A copy, since what is put into a value may itself be changed. */
const anyValue = (random: Random): unknown => structuredClone(random.pick(VALUES))

function mutateValue(random: Random, value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || random.once(8)) {
    if (typeof value === 'string' && !random.once(3)) return mutateText(random, value, [value])
    if (typeof value === 'number' && random.once(2)) return value + random.pick([-1, 1, 2 ** 31, -(2 ** 53), 0.5])
    return anyValue(random)
  }
  if (Array.isArray(value)) {
    const at = random.below(value.length + 1)
    if (at === value.length)
      value.push(random.once(2) && value.length > 0 ? structuredClone(value[0]) : anyValue(random))
    else if (random.once(4)) value.splice(at, 1)
    else value[at] = mutateValue(random, value[at], depth + 1)
    return value
  }
  const object = value as Record<string, unknown>
  const name = random.pick(Object.keys(object))
  if (name === undefined || random.once(10)) object[random.pick(TEXTS)] = anyValue(random)
  else if (random.once(6)) delete object[name]
  else object[name] = mutateValue(random, object[name], depth + 1)
  return object
}
