/**
 * The NIR: 13 characters `S AA MM DD CCC OOO` and a 2-digit key (docs/protocol/ins.md; the form follows the health
 * insurance's own validator, assurance-maladie/nir-validation). A refusal names the part that is wrong and never
 * repeats the number.
 */
import { inspect } from 'node:util'
import { CoffreError } from '../crypto/errors.ts'

/** The part of a NIR that a refusal is about. */
export type NirPart = 'length' | 'characters' | 'sex' | 'year' | 'month' | 'department' | 'commune' | 'order' | 'key'

/** A number is not a NIR that can get an INS. `code` is `nir-<part>`, or `nir-provisional` for sex digits 5 to 8. */
export class NirError extends CoffreError {
  readonly part: NirPart

  constructor(part: NirPart, message: string, code = `nir-${part}`) {
    super(message, { code })
    this.part = part
  }
}

/**
 * A certified number whose form and key were checked: a NIR, or a waiting number (NIA), which has the same shape.
 * An object and not a text, so that printing, logging or JSON shows `[NIR]` and not the number.
 */
export class Nir {
  readonly #characters: string

  private constructor(characters: string) {
    this.#characters = characters
  }

  /**
   * Reads 13 characters and the key; spaces between groups and lower-case `2a`, `2b` are accepted, nothing else.
   * Throws `NirError`.
   */
  static parse(text: string): Nir {
    const characters = text.replaceAll(' ', '').toUpperCase()
    // Characters first: a look-alike letter or digit of another script must not be told to be a wrong length.
    if (!/^[0-9A-Z]*$/.test(characters)) {
      throw new NirError('characters', 'A NIR holds digits, and A or B for Corsica; another character is in it')
    }
    if (characters.length !== 15) {
      throw new NirError(
        'length',
        `A NIR has 13 characters and a key of 2, 15 in all; this has ${characters.length} (the key may be missing)`,
      )
    }
    const body = characters.slice(0, 13)
    for (const check of parts) check(body)
    const key = characters.slice(13)
    if (!/^\d\d$/.test(key) || key !== nirKey(body)) {
      throw new NirError('key', 'The last two digits of the NIR do not match the others: one is wrong or two swapped')
    }
    return new Nir(body)
  }

  /** The 13 characters without key, letters in upper case: what the INS is derived from. Never stored, never logged. */
  get characters13(): string {
    return this.#characters
  }

  toString(): string {
    return '[NIR]'
  }

  toJSON(): string {
    return '[NIR]'
  }

  [inspect.custom](): string {
    return '[NIR]'
  }
}

/** 97 − (n mod 97) of the 13 characters, `2A` and `2B` at positions 6-7 read as 19 and 18 (and nowhere else). */
export function nirKey(characters13: string): string {
  const department = characters13.slice(5, 7)
  const digits = department === '2A' ? '19' : department === '2B' ? '18' : department
  const n = BigInt(characters13.slice(0, 5) + digits + characters13.slice(7))
  return String(97n - (n % 97n)).padStart(2, '0')
}

const parts: readonly ((body: string) => void)[] = [
  body => {
    const sex = body.slice(0, 1)
    if (/[5-8]/.test(sex)) {
      throw new NirError(
        'sex',
        'Numbers that begin with 5 to 8 are provisional; wait for the certified number, then derive again',
        'nir-provisional',
      )
    }
    if (!/[1-4]/.test(sex)) throw new NirError('sex', 'The first digit of a NIR is the sex, 1 or 2 (3, 4 at first)')
  },
  body => {
    if (!/^\d\d$/.test(body.slice(1, 3))) throw new NirError('year', 'Digits 2-3 of the NIR are the year of birth')
  },
  body => {
    // 20-42 and 50-99 stand for a month that is unknown or a civil act that is incomplete.
    if (!/^(0[1-9]|1[0-2]|[23]\d|4[0-2]|[5-9]\d)$/.test(body.slice(3, 5))) {
      throw new NirError('month', 'Digits 4-5 of the NIR are the month: 01-12, 20-42 or 50-99')
    }
  },
  body => {
    if (!/^(0[1-9]|[1-8]\d|9[0-5]|2[AB]|9[789])$/.test(body.slice(5, 7))) {
      throw new NirError('department', 'Characters 6-7 of the NIR are the department: 01-95, 2A, 2B, 97, 98 or 99')
    }
  },
  body => {
    if (!/^\d{3}$/.test(body.slice(7, 10))) {
      throw new NirError('commune', 'Digits 8-10 of the NIR are the commune or the country of birth')
    }
  },
  body => {
    if (!/^\d{3}$/.test(body.slice(10, 13)) || body.endsWith('000')) {
      throw new NirError('order', 'Digits 11-13 of the NIR are the order number, 001-999')
    }
  },
]
