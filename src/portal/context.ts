import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Link } from './link.ts'
import type { Failure } from './talk.ts'
import type { Language, Words } from './words/words.ts'

/** What every screen is given. */
export interface AppContext {
  readonly words: Words
  readonly language: Language
  readonly link: Link
  /** What went wrong, as a person is told; a session that is over ends here, for all screens. */
  tell(error: unknown): Trouble | null
}

/** Something to tell: what happened and what to do next. */
export interface Trouble {
  readonly title: string
  readonly text: string
  readonly kind: Failure['kind']
  readonly code: string
}

export const Context = createContext<AppContext | null>(null)

/** The app's context. Throws outside of it: a defect. */
export function useApp(): AppContext {
  const context = useContext(Context)
  if (context === null) throw new TypeError('Outside of the app')
  return context
}
