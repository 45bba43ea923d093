import { useApp } from '../context.ts'
import type { Act } from '../worker/trace.ts'

/** Months shown. */
const MONTHS = 12
const HEIGHT = 72

/** Acts by month as bars; the same numbers stand in a table for those who do not see them. */
export function Chart({ acts }: { readonly acts: readonly Act[] }) {
  const { words, language } = useApp()
  const now = new Date()
  const months = Array.from({ length: MONTHS }, (_, i) => {
    const month = new Date(now.getFullYear(), now.getMonth() - (MONTHS - 1 - i), 1)
    const next = new Date(month.getFullYear(), month.getMonth() + 1, 1)
    const count = acts.filter(({ t }) => new Date(t) >= month && new Date(t) < next).length
    return { month, count }
  })
  const most = Math.max(1, ...months.map(({ count }) => count))
  const short = new Intl.DateTimeFormat(language, { month: 'narrow' })
  const long = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' })
  if (acts.length === 0) return null
  return (
    <figure class="chart">
      <figcaption>{words.trace.chart}</figcaption>
      <svg viewBox={`0 0 ${MONTHS * 30} ${HEIGHT + 36}`} aria-hidden="true">
        {months.map(({ month, count }, i) => {
          const height = (count / most) * HEIGHT
          return (
            <g key={month.toISOString()}>
              <rect class="bar" x={i * 30 + 5} y={HEIGHT + 16 - height} width={20} height={Math.max(height, 1)} />
              {count > 0 && (
                <text x={i * 30 + 15} y={HEIGHT + 12 - height}>
                  {count}
                </text>
              )}
              <text x={i * 30 + 15} y={HEIGHT + 32}>
                {short.format(month)}
              </text>
            </g>
          )
        })}
      </svg>
      <div class="visually-hidden">
        <table>
          <caption>{words.trace.chart}</caption>
          <tbody>
            {months.map(({ month, count }) => (
              <tr key={month.toISOString()}>
                <th scope="row">{long.format(month)}</th>
                <td>{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}
