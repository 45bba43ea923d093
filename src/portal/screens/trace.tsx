import { useId, useMemo, useState } from 'preact/hooks'
import type { ResultOf } from '../calls.ts'
import { useApp } from '../context.ts'
import { dayOf, timeOf } from '../dates.ts'
import { Chart } from '../parts/chart.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import type { useLoaded } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'
import type { Words } from '../words/words.ts'
import type { Act } from '../worker/trace.ts'

export type LoadedTrace = ReturnType<typeof useLoaded<ResultOf<'trace'>>>

const SORTS = ['everything', 'reads', 'deposits', 'changes', 'refusals'] as const
type Sort = (typeof SORTS)[number]
const READS = new Set<Act['action']>(['document.read', 'document.list', 'access.view'])

/** The whole history, checked here: how it was checked, then who did what, newest first. */
export function TraceScreen(props: { readonly loaded: LoadedTrace; readonly titles: ReadonlyMap<string, string> }) {
  const { words, language } = useApp()
  const { trace, frame } = words
  const { loaded, titles } = props
  const [isAll, setAll] = useState(false)
  const [sort, setSort] = useState<Sort>('everything')
  const [isTable, setTable] = useState(false)
  const id = useId()
  const acts = useMemo(() => [...(loaded.value?.acts ?? [])].reverse(), [loaded.value])
  const shown = useMemo(() => acts.filter(act => (isAll || isOthers(act)) && isOf(act, sort)), [acts, isAll, sort])
  const days = useMemo(() => [...new Set(shown.map(({ t }) => dayOf(t, language)))], [shown, language])
  const said = (act: Act) => inWords(act, { trace, titles })
  return (
    <Screen title={trace.title} back={{ label: frame.home, onBack: () => goTo('') }}>
      {loaded.trouble && <TroubleBox trouble={loaded.trouble} onAgain={loaded.reload} />}
      {loaded.value === null && loaded.busy && <Waiting>{trace.loading}</Waiting>}
      {loaded.value !== null && (
        <>
          <Verdict checked={loaded.value} />
          <Chart acts={acts.filter(act => isOthers(act) && act.action.startsWith('document.') && !act.isRefused)} />
          <search>
            <Select
              id={`${id}-who`}
              label={trace.who}
              value={isAll ? 'all' : 'others'}
              onValue={value => setAll(value === 'all')}
            >
              {[
                ['others', trace.others],
                ['all', trace.everyone],
              ]}
            </Select>
            <Select id={`${id}-what`} label={trace.what} value={sort} onValue={value => setSort(value as Sort)}>
              {SORTS.map(each => [each, trace[each]])}
            </Select>
            <Select
              id={`${id}-as`}
              label={trace.shown}
              value={isTable ? 'table' : 'days'}
              onValue={value => setTable(value === 'table')}
            >
              {[
                ['days', trace.timeline],
                ['table', trace.table],
              ]}
            </Select>
          </search>
          <p role="status" class="count">
            {trace.count(shown.length)}
          </p>
          {isTable ? (
            <ActsTable acts={shown} said={said} />
          ) : (
            days.map(day => (
              <section key={day}>
                <h2>{day}</h2>
                <ol class="acts">
                  {shown
                    .filter(({ t }) => dayOf(t, language) === day)
                    .map(act => (
                      <li key={act.n} class={act.problems.length > 0 ? 'wrong' : undefined}>
                        <span class="when">{timeOf(act.t, language)}</span>
                        <span>
                          {said(act)} <Marks act={act} />
                        </span>
                      </li>
                    ))}
                </ol>
              </section>
            ))
          )}
        </>
      )}
    </Screen>
  )
}

function Verdict({ checked }: { readonly checked: ResultOf<'trace'> }) {
  const { trace } = useApp().words
  const { problems, warnings, acts, witnesses } = checked
  const how = (
    <p>
      <a href="#verified">{trace.how}</a>
    </p>
  )
  if (problems.length > 0) {
    return (
      <Notice kind="danger" title={trace.badTitle}>
        <p>{trace.bad(problems.length)}</p>
        {how}
      </Notice>
    )
  }
  const isLate = warnings.length > 0
  return (
    <Notice kind={isLate ? 'warning' : 'good'} title={isLate ? trace.lateTitle : `✓ ${trace.goodTitle}`}>
      <p>{isLate ? trace.late : trace.good(acts.length, witnesses.length)}</p>
      {how}
    </Notice>
  )
}

function ActsTable({ acts, said }: { readonly acts: readonly Act[]; said(act: Act): string }) {
  const { words, language } = useApp()
  const { columns } = words.trace
  return (
    <div class="wide">
      <table class="acts-table">
        <thead>
          <tr>
            <th scope="col">{columns.when}</th>
            <th scope="col">{columns.what}</th>
          </tr>
        </thead>
        <tbody>
          {acts.map(act => (
            <tr key={act.n}>
              <td>
                {act.t.slice(0, 10).split('-').reverse().join('/')} {timeOf(act.t, language)}
              </td>
              <td>
                {said(act)} <Marks act={act} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Marks({ act }: { readonly act: Act }) {
  const { trace } = useApp().words
  return (
    <>
      {act.isRefused && act.action !== 'session.fail' && <span class="badge">{trace.refused}</span>}
      {act.problems.length > 0 && <span class="badge bad">{trace.problem}</span>}
    </>
  )
}

function Select(props: {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly children: readonly (readonly string[])[]
  onValue(value: string): void
}) {
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <select id={props.id} value={props.value} onChange={event => props.onValue(event.currentTarget.value)}>
        {props.children.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}

const isOthers = ({ actor }: Act) => actor.kind !== 'patient'

function isOf({ action, isRefused }: Act, sort: Sort): boolean {
  if (sort === 'everything') return true
  if (sort === 'refusals') return isRefused
  if (sort === 'reads') return READS.has(action)
  if (sort === 'deposits') return action === 'document.deposit'
  return !READS.has(action) && action !== 'document.deposit' && !action.startsWith('session.')
}

/** « Élodie MARÉCHAL, Médecin, a lu “Lettre” » */
function inWords(act: Act, { trace, titles }: { trace: Words['trace']; titles: ReadonlyMap<string, string> }): string {
  const { actor, action, isRefused, document, erased } = act
  if (erased !== null) return trace.erased(erased.authority, erased.basis)
  const [did, tried, you] = trace.deeds[action] ?? [trace.other, trace.other, trace.other]
  const title = document === null ? undefined : titles.get(document)
  const what = title === undefined ? trace.aDocument : trace.titled(title)
  if (actor.kind === 'patient') return `${you.replace('…', () => what)}.`
  const who = actor.profession === null ? actor.name : `${actor.name}, ${actor.profession},`
  const acting = actor.acting === null ? '' : `, ${trace.actingFor(actor.acting.name, actor.acting.role)}`
  return `${who} ${(isRefused ? tried : did).replace('…', () => what)}${acting}.`
}
