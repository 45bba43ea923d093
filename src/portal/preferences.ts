/** What the browser remembers of how pages are shown, and how far a record has come here. Nothing secret. */

import type { Language } from './words/words.ts'
import type { Standing } from './worker/acts.ts'

export type TextSize = 'normal' | 'large' | 'larger'
export const TEXT_SIZES: readonly TextSize[] = ['normal', 'large', 'larger']

export function readLanguage(): Language {
  const kept = read('language')
  if (kept === 'fr' || kept === 'en') return kept
  return 'fr'
}

export function readTextSize(): TextSize {
  const kept = read('text-size')
  return TEXT_SIZES.find(size => size === kept) ?? 'normal'
}

/** As remembered; the worker, once it runs, knows it for sure. */
export function readStanding(): Standing {
  const kept = read('standing')
  const known: readonly Standing[] = ['opening', 'opened', 'activated', 'waiting']
  return known.find(each => each === kept) ?? 'none'
}

/** Keeps one of them; a browser that keeps nothing shows the pages all the same. */
export function keep(name: 'language' | 'text-size' | 'standing', value: string): void {
  try {
    localStorage.setItem(`coffre.${name}`, value)
  } catch {
    // A private window may refuse: the choice then lasts as long as the page.
  }
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(`coffre.${name}`)
  } catch {
    return null
  }
}
