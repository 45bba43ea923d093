/** Charts as inline SVG, drawn to be read on a screen, on paper, and by a screen reader (each has its table). */
import { html, type Markup } from './markup.ts'

/** Names and values; each name has a class `c-NAME` that gives its colour. */
export interface Series {
  readonly name: string
  readonly label: string
}

export interface Column {
  readonly label: string
  readonly values: readonly number[]
}

const WIDTH = 720
const HEIGHT = 220
const LEFT = 52
const BOTTOM = 28
const TOP = 8

/** Columns stacked by series over time. */
export function stackedColumns(title: string, series: readonly Series[], columns: readonly Column[]): Markup {
  const most = niceCeiling(Math.max(1, ...columns.map(({ values }) => sum(values))))
  const plot = { width: WIDTH - LEFT - 4, height: HEIGHT - TOP - BOTTOM }
  const step = plot.width / Math.max(1, columns.length)
  const bar = Math.max(1, step - Math.min(2, step * 0.2))
  const y = (value: number) => TOP + plot.height - (value / most) * plot.height
  const bars = columns.map(({ label, values }, i) => {
    let below = 0
    const parts = values.map((value, s) => {
      const top = y(below + value)
      const height = y(below) - top
      below += value
      const { name } = series[s] as Series
      return value === 0
        ? html``
        : html`<rect class="c-${name}" x="${fixed(LEFT + i * step)}" y="${fixed(top)}" width="${fixed(bar)}" height="${fixed(height)}"/>`
    })
    return html`<g><title>${label}: ${number(sum(values))}</title>${parts}</g>`
  })
  const every = Math.max(1, Math.ceil(columns.length / 8))
  const names = columns.map(({ label }, i) =>
    i % every === 0 ? html`<text x="${fixed(LEFT + i * step)}" y="${HEIGHT - 8}" class="tick">${label}</text>` : html``,
  )
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
${axis(most, y)}${bars}${names}</svg>${legend(series)}`
}

/** Columns of one series. */
export function columns(title: string, values: readonly Column[]): Markup {
  return stackedColumns(title, [{ name: 'reads', label: title }], values)
}

/** Bars beside their names, largest first. */
export function bars(
  title: string,
  values: readonly { readonly label: string; readonly value: number }[],
  colour: string,
): Markup {
  const most = Math.max(1, ...values.map(({ value }) => value))
  const row = 26
  const left = 220
  const width = WIDTH - left - 90
  const rows = values.map(({ label, value }, i) => {
    const y = i * row
    const length = (value / most) * width
    return html`<text x="${left - 10}" y="${y + 17}" class="name">${short(label)}</text>
<rect class="c-${colour}" x="${left}" y="${y + 5}" width="${fixed(Math.max(1, length))}" height="16" rx="2"/>
<text x="${fixed(left + length + 8)}" y="${y + 17}" class="value">${number(value)}</text>`
  })
  return html`<svg viewBox="0 0 ${WIDTH} ${Math.max(row, values.length * row)}" role="img" aria-label="${title}">${rows}</svg>`
}

function axis(most: number, y: (value: number) => number): Markup {
  const lines = [0, 0.25, 0.5, 0.75, 1].map(part => {
    const at = fixed(y(most * part))
    return html`<line x1="${LEFT}" x2="${WIDTH}" y1="${at}" y2="${at}" class="grid"/>
<text x="${LEFT - 8}" y="${fixed(y(most * part) + 4)}" class="name">${number(most * part)}</text>`
  })
  return html`${lines}`
}

function legend(series: readonly Series[]): Markup {
  if (series.length < 2) return html``
  const items = series.map(({ name, label }) => html`<li><span class="dot c-${name}"></span>${label}</li>`)
  return html`<ul class="legend">${items}</ul>`
}

/** Thousands apart, by a narrow space that does not break. */
export function number(value: number): string {
  return String(Math.round(value * 100) / 100).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')
}

/** The next number of the form 1, 2, 4, 5 or 8 × 10^n: its quarters are plain. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const factor = [1, 2, 4, 5, 8, 10].find(each => each * power >= value) ?? 10
  return Math.max(4, factor * power)
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)
const fixed = (value: number): string => String(Math.round(value * 10) / 10)
const short = (label: string): string => (label.length > 32 ? `${label.slice(0, 31)}…` : label)
