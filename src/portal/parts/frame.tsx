import type { ComponentChildren } from 'preact'
import { useApp } from '../context.ts'
import { TEXT_SIZES, type TextSize } from '../preferences.ts'
import type { Language } from '../words/words.ts'

/** Names of the languages, each in its own. */
const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['fr', 'Français'],
  ['en', 'English'],
]

/** What stands around every screen: the name, how things are shown, the way out. */
export function Frame(props: {
  readonly language: Language
  readonly textSize: TextSize
  readonly children: ComponentChildren
  onLanguage(language: Language): void
  onTextSize(size: TextSize): void
  onLeave?(): void
}) {
  const { words } = useApp()
  const { frame } = words
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('main h1')?.focus()}>
        {frame.skip}
      </button>
      <header class="top">
        <p class="name">
          <img src="/icon.svg" alt="" width="32" height="32" />
          {frame.name}
        </p>
        <div class="top-acts">
          <details class="display">
            <summary>{frame.settings}</summary>
            <div class="display-box">
              <fieldset>
                <legend>{frame.textSize}</legend>
                {TEXT_SIZES.map(size => (
                  <label class="check" key={size}>
                    <input
                      type="radio"
                      name="text-size"
                      checked={props.textSize === size}
                      onChange={() => props.onTextSize(size)}
                    />
                    {frame.sizes[size]}
                  </label>
                ))}
              </fieldset>
              <fieldset>
                <legend>{frame.language}</legend>
                {LANGUAGES.map(([language, name]) => (
                  <label class="check" key={language} lang={language}>
                    <input
                      type="radio"
                      name="language"
                      checked={props.language === language}
                      onChange={() => props.onLanguage(language)}
                    />
                    {name}
                  </label>
                ))}
              </fieldset>
            </div>
          </details>
          {props.onLeave && (
            <button type="button" class="leave" onClick={props.onLeave}>
              {frame.signOut}
            </button>
          )}
        </div>
      </header>
      {props.children}
      <footer>
        <p>{frame.footer}</p>
      </footer>
    </>
  )
}
