/** Every word of the pages, French first. Plain words for somebody of 75: what happens, what to do, no jargon. */
import * as access from './access.ts'
import * as closing from './closing.ts'
import * as devices from './devices.ts'
import * as documents from './documents.ts'
import * as enter from './enter.ts'
import * as frame from './frame.ts'
import * as open from './open.ts'
import * as recovery from './recovery.ts'
import * as settings from './settings.ts'
import * as trace from './trace.ts'
import * as troubles from './troubles.ts'

export type Language = 'fr' | 'en'

const fr = {
  ...frame.fr,
  ...enter.fr,
  ...open.fr,
  ...documents.fr,
  ...access.fr,
  ...trace.fr,
  ...devices.fr,
  ...settings.fr,
  ...closing.fr,
  ...recovery.fr,
  ...troubles.fr,
}
export type Words = typeof fr
const en: Words = {
  ...frame.en,
  ...enter.en,
  ...open.en,
  ...documents.en,
  ...access.en,
  ...trace.en,
  ...devices.en,
  ...settings.en,
  ...closing.en,
  ...recovery.en,
  ...troubles.en,
}

export const WORDS: Readonly<Record<Language, Words>> = { fr, en }
