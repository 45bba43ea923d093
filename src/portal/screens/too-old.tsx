import { readLanguage } from '../preferences.ts'
import { WORDS } from '../words/words.ts'

/** For a browser that cannot run the rest. */
export function TooOld() {
  const { frame } = WORDS[readLanguage()]
  return (
    <main>
      <h1>{frame.tooOldTitle}</h1>
      <p>{frame.tooOld}</p>
    </main>
  )
}
