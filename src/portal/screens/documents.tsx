import { useEffect, useId, useMemo, useState } from 'preact/hooks'
import type { ResultOf } from '../calls.ts'
import { useApp } from '../context.ts'
import { dayOf, foldedOf } from '../dates.ts'
import { Field } from '../parts/form.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import type { useLoaded } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'
import type { DocumentLine } from '../worker/documents.ts'

export type LoadedDocuments = ReturnType<typeof useLoaded<ResultOf<'documents'>>>

/** Lines drawn before the person asks for more: more take longer than a person notices, at each letter that is sought. */
const DRAWN = 100
/** Lines added to the screen at a time: between two of these the page answers. */
const SLICE = 25

/** The list, newest first, by year; search and kinds are looked up here, nothing of it is sent. */
export function Documents({ loaded }: { readonly loaded: LoadedDocuments }) {
  const { words, language } = useApp()
  const { documents, frame, kinds } = words
  const [sought, setSought] = useState('')
  const [kind, setKind] = useState('')
  const [most, setMost] = useState(DRAWN)
  const id = useId()
  const all = loaded.value?.documents ?? []
  const present = useMemo(() => [...new Set(all.map(each => each.kind))], [all])
  const isSought = sought.trim() !== ''
  const texts = useMemo(() => {
    const textOf = (line: DocumentLine) =>
      `${line.title} ${line.author} ${kinds[line.kind] ?? ''} ${dayOf(line.date, language)} ${line.date}`
    return isSought ? new Map(all.map(line => [line, foldedOf(textOf(line))])) : null
  }, [all, isSought, language])
  const found = useMemo(() => {
    const parts = foldedOf(sought).split(' ').filter(Boolean)
    const ofKind = kind === '' ? all : all.filter(line => line.kind === kind)
    return texts === null ? ofKind : ofKind.filter(line => parts.every(part => texts.get(line)?.includes(part)))
  }, [all, texts, sought, kind])
  const count = useSlices(Math.min(most, found.length))
  const drawn = useMemo(() => found.slice(0, count), [found, count])
  const years = useMemo(() => [...new Set(drawn.map(({ date }) => date.slice(0, 4)))], [drawn])
  const refused = loaded.value?.refused.length ?? 0
  return (
    <Screen title={documents.title} back={{ label: frame.home, onBack: () => goTo('') }}>
      {loaded.trouble && <TroubleBox trouble={loaded.trouble} onAgain={loaded.reload} />}
      {loaded.value === null && loaded.busy && <Waiting>{documents.loading}</Waiting>}
      {refused > 0 && (
        <Notice kind="danger" title={documents.refusedTitle}>
          <p>{documents.refused(refused)}</p>
        </Notice>
      )}
      {loaded.value !== null && all.length === 0 && (
        <Notice kind="info" title={documents.none}>
          <p>{documents.noneText}</p>
        </Notice>
      )}
      {all.length > 0 && (
        <>
          <search>
            <Field label={documents.search} hint={documents.searchHint} value={sought} onValue={setSought} />
            <div class="field">
              <label for={id}>{documents.kind}</label>
              <select id={id} value={kind} onChange={event => setKind(event.currentTarget.value)}>
                <option value="">{documents.allKinds}</option>
                {present.map(each => (
                  <option key={each} value={each}>
                    {kinds[each] ?? each}
                  </option>
                ))}
              </select>
            </div>
          </search>
          <p role="status" class="count">
            {documents.found(found.length)}
          </p>
          {years.map(year => (
            <section key={year}>
              <h2>{year || documents.undated}</h2>
              <ul class="lines">
                {drawn
                  .filter(({ date }) => date.startsWith(year))
                  .map(line => (
                    <Line key={line.id} line={line} />
                  ))}
              </ul>
            </section>
          ))}
          {found.length > most && (
            <button type="button" onClick={() => setMost(most + DRAWN)}>
              {documents.older(Math.min(DRAWN, found.length - most))}
            </button>
          )}
        </>
      )}
    </Screen>
  )
}

/** How many of so many lines are drawn now: a slice more in each frame. */
function useSlices(wanted: number): number {
  const [drawn, setDrawn] = useState(SLICE)
  const isMore = drawn < wanted
  useEffect(() => {
    if (!isMore) return
    const frame = requestAnimationFrame(() => setDrawn(drawn + SLICE))
    return () => cancelAnimationFrame(frame)
  }, [isMore, drawn])
  return Math.min(drawn, wanted)
}

function Line({ line }: { readonly line: DocumentLine }) {
  const { words, language } = useApp()
  const { documents, kinds } = words
  return (
    <li>
      <a class="line" href={`#document/${line.id}`}>
        <span class="line-title">{line.title}</span>
        <span class="line-text">
          {dayOf(line.date, language)} · {kinds[line.kind] ?? line.kind} · {documents.by} {line.author}
        </span>
        {line.isMasked && <span class="badge">{documents.masked}</span>}
        {line.isReplaced && <span class="badge">{documents.replaced}</span>}
      </a>
    </li>
  )
}
