import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { dayOf } from '../dates.ts'
import type { Rights } from '../worker/access.ts'
import { Form } from './form.tsx'
import { Notice } from './notice.tsx'

/** Compartments offered, in this order; the patient's own ones follow. *masked* is given to nobody here. */
const KINDS = ['synthesis', 'reports', 'laboratory', 'imaging', 'treatments', 'care', 'vaccination', 'certificates']
const DAY_MS = 24 * 3600 * 1000
const TERMS = { month: 30, half: 182, year: 365 } as const
type Term = keyof typeof TERMS | 'keep'

/** What somebody may do, and until when. */
export function RightsForm(props: {
  readonly proposed: Rights
  /** Names of the patient's own compartments. */
  readonly own: readonly string[]
  readonly hint: string
  /** The end in force, where there is one. */
  readonly until: string | null
  readonly send: string
  readonly busy: string
  onSend(rights: Rights, until: string): Promise<void>
}) {
  const { words, language } = useApp()
  const { rights: said, kinds } = words
  const given = props.proposed.map(({ kind }) => kind)
  const shown = [...new Set([...KINDS, ...props.own, ...given])]
  const [ticked, setTicked] = useState<ReadonlySet<string>>(
    () => new Set(props.proposed.flatMap(({ kind, rights }) => rights.map(right => `${kind} ${right}`))),
  )
  const [term, setTerm] = useState<Term>(props.until === null ? 'year' : 'keep')
  const [isEmpty, setEmpty] = useState(false)
  const toggle = (box: string) => {
    const next = new Set(ticked)
    if (!next.delete(box)) next.add(box)
    setTicked(next)
  }
  const terms: Term[] = [...(props.until === null ? [] : ['keep' as const]), 'month', 'half', 'year']
  return (
    <Form
      send={props.send}
      busy={props.busy}
      onSend={async () => {
        setEmpty(ticked.size === 0)
        if (ticked.size === 0) return
        const rights = shown.flatMap(kind => {
          const list = (['read', 'deposit'] as const).filter(right => ticked.has(`${kind} ${right}`))
          return list.length === 0 ? [] : [{ kind, rights: list }]
        })
        const until = term === 'keep' ? (props.until ?? '') : new Date(Date.now() + TERMS[term] * DAY_MS).toISOString()
        await props.onSend(rights, until)
      }}
    >
      <h2>{said.what}</h2>
      <p class="hint">{props.hint}</p>
      {isEmpty && (
        <Notice kind="warning">
          <p role="alert">{said.nothing}</p>
        </Notice>
      )}
      <table class="rights">
        <thead>
          <tr>
            <td />
            <th scope="col">{said.read}</th>
            <th scope="col">{said.deposit}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(kind => (
            <tr key={kind}>
              <th scope="row">{kinds[kind] ?? kind}</th>
              {(['read', 'deposit'] as const).map(right => (
                <td key={right}>
                  <label class="box">
                    <span class="visually-hidden">
                      {said[right]} : {kinds[kind] ?? kind}
                    </span>
                    <input
                      type="checkbox"
                      checked={ticked.has(`${kind} ${right}`)}
                      onChange={() => toggle(`${kind} ${right}`)}
                    />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <fieldset class="terms">
        <legend>{said.until}</legend>
        {terms.map(each => (
          <label class="check" key={each}>
            <input type="radio" name="term" checked={term === each} onChange={() => setTerm(each)} />
            {said.terms[each]}
            {each === 'keep' && props.until !== null && ` (${dayOf(props.until, language)})`}
          </label>
        ))}
      </fieldset>
    </Form>
  )
}
