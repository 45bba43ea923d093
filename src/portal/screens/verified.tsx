import { useApp } from '../context.ts'
import { dayOf, timeOf } from '../dates.ts'
import { Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { goTo } from '../places.ts'
import type { LoadedTrace } from './trace.tsx'

/** What the badge of the history stands for, in plain words, and the numbers behind it. */
export function Verified({ loaded }: { readonly loaded: LoadedTrace }) {
  const { words, language } = useApp()
  const { verified, frame } = words
  const { value } = loaded
  return (
    <Screen title={verified.title} lead={verified.lead} back={{ label: verified.back, onBack: () => goTo('trace') }}>
      {verified.parts.map(([title, text]) => (
        <section key={title}>
          <h2>{title}</h2>
          <p>{text}</p>
        </section>
      ))}
      <p>{verified.limits}</p>
      <h2>{verified.details}</h2>
      {value === null ? (
        <Waiting>{frame.wait}</Waiting>
      ) : (
        <dl class="facts">
          <dt>{verified.tree}</dt>
          <dd>{value.treeSize}</dd>
          <dt>{verified.witnesses}</dt>
          <dd>{value.witnesses.join(', ') || verified.nobody}</dd>
          <dt>{verified.witnessedAt}</dt>
          <dd>
            {value.witnessedAt === null
              ? verified.nobody
              : `${dayOf(value.witnessedAt, language)}, ${timeOf(value.witnessedAt, language)}`}
          </dd>
        </dl>
      )}
    </Screen>
  )
}
