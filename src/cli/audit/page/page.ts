/** The report as one page that needs nothing else: to be attached to an opinion. */

import { ACTIVITIES, type ActivityName, type ActivitySummary, type DayCounts } from '../../../log/audit/activity.ts'
import type { Anomaly } from '../../../log/audit/anomalies.ts'
import type { Finding } from '../../../log/audit/finding.ts'
import type { AuditReport } from '../../../log/audit/report.ts'
import { bars, type Column, columns, number, type Series, stackedColumns } from './charts.ts'
import { html, type Markup } from './markup.ts'
import { STYLE } from './style.ts'
import { type Counted, type Language, WORDS, type Words } from './words.ts'

export interface PageInput {
  readonly report: AuditReport
  readonly activity: ActivitySummary
  readonly timeZone: string
  /** What the deployment calls itself. */
  readonly name: string
  readonly made: Date
  readonly language: Language
}

/** More columns than this are put together by week, then by month. */
const MOST_COLUMNS = 200

export function auditPage({ report, activity, timeZone, name, made, language }: PageInput): string {
  const words = WORDS[language]
  const { days } = activity
  const period = days.length === 0 ? words.noEntry : `${days[0]?.day} ${words.to} ${days.at(-1)?.day}`
  const [byProfession, professions] = words.professions
  const [hoursTitle, hoursText] = words.hours
  const head = html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${words.audit} ${name}, ${period}</title><style>${{ markup: STYLE }}</style></head>`
  const body = html`<body>
<header><h1>${words.audit} ${name}</h1><p class="soft">${period} · ${words.deployment} <code>${report.deployment}</code> · ${words.made} ${minute(made.toISOString())} UTC</p></header>
<main>${verdict(report, words)}${figures(report, words)}${findings(report, words)}${daily(activity, words)}
<section class="whole"><h2>${byProfession}</h2><p class="soft">${professions}</p>${barsOf(byProfession, named(activity.professions, words), { words })}</section>
<section><h2>${words.actions.title}</h2>${actions(activity, words)}</section>
<section class="whole"><h2>${words.refusals[0]}</h2>${refusals(activity, words)}</section>
<section class="whole"><h2>${hoursTitle}</h2><p class="soft">${hoursText(timeZone)}</p>${hours(activity, words)}</section>
${anomalies(activity.anomalies, words)}${proved(report, words)}</main>
<footer><code>coffre audit report</code>${words.footer}</footer>
</body></html>`
  // French sets a space that does not break before these signs.
  const text = language === 'fr' ? body.markup.replace(/ ([:;?!])(?=[\s<])/g, '\u00a0$1') : body.markup
  return `${head.markup}${text}\n`
}

/** A number and what it counts. */
function counted(count: number, noun: Counted, words: Words): string {
  return `${number(count)} ${nounOf(count, noun, words)}`
}

const nounOf = (count: number, [one, many]: Counted, { isOne }: Words): string => (isOne(count) ? one : many)

const minute = (instant: string): string => instant.slice(0, 16).replace('T', ' ')

function verdict({ holds, findings, signatures, tree }: AuditReport, words: Words): Markup {
  const witnessedAt = tree?.witnessedAt ?? null
  const cosigned = witnessedAt === null ? '' : words.cosigned(minute(witnessedAt))
  const until = tree === null ? '' : `${words.upTo} ${counted(tree.size, words.figures.entries, words)}${cosigned}.`
  if (holds) {
    const [title, text] = words.holds
    return html`<div class="verdict holds"><strong>${title}</strong><p>${text}${until}</p></div>`
  }
  if (findings.length === 0 && !signatures) {
    const [title, text] = words.open
    return html`<div class="verdict open"><strong>${title}</strong><p>${text}${until}</p></div>`
  }
  const [title, text] = words.broken
  return html`<div class="verdict"><strong>${title}</strong><p>${text(findings.length)}${until}</p></div>`
}

function figures({ counts }: AuditReport, words: Words): Markup {
  const { figures: labels } = words
  const { documents } = counts
  const first = ['entries', 'records', 'requests', 'reads', 'lists', 'deposits', 'refusals'] as const
  const shown = [...first.map(name => [labels[name], counts[name]] as const)]
  shown.push(documents === null ? [labels.checkpoints, counts.checkpoints] : [labels.documents, documents])
  const items = shown.map(([label, count]) => html`<li><b>${number(count)}</b>${nounOf(count, label, words)}</li>`)
  return html`<ul class="figures">${items}</ul>`
}

function findings({ findings }: AuditReport, words: Words): Markup {
  if (findings.length === 0) return html``
  return html`<section><h2>${words.findings}</h2>${findings.map(each => finding(each, words))}</section>`
}

function finding({ code, group, message, record, n, seq, count }: Finding, words: Words): Markup {
  const { means, todo } = words.said(code)
  const { text, lang } = words.sentence(message)
  const { place, finding: label } = words
  const at = [
    ...(seq === undefined ? [] : [place.entry(seq)]),
    ...(record === undefined ? [] : [place.chain(record)]),
    ...(n === undefined ? [] : [place.number(n)]),
  ]
  return html`<article><h3><code>${code}</code></h3>${lang === undefined ? html`<p>${text}</p>` : html`<p lang="${lang}">${text}</p>`}<dl>
<dt>${label.concerns}</dt><dd>${words.groups[group]}</dd><dt>${label.first}</dt><dd>${at.join(', ') || label.nowhere}${count > 1 ? words.inAll(number(count)) : ''}</dd>
<dt>${label.means}</dt><dd>${means}</dd><dt>${label.todo}</dt><dd>${todo}</dd></dl></article>`
}

function daily({ days }: ActivitySummary, words: Words): Markup {
  const shown = joined(days)
  const present = ACTIVITIES.filter(name => days.some(({ counts }) => counts[name] > 0))
  const series: Series[] = present.map(name => ({ name, label: words.activities[name] }))
  const values: Column[] = shown.map(({ day, counts }) => ({ label: day, values: present.map(name => counts[name]) }))
  const rows = shown.map(
    ({ day, counts }) =>
      html`<tr><th>${day}</th>${present.map(name => html`<td class="n">${number(counts[name])}</td>`)}</tr>`,
  )
  const unit = shown.length === days.length ? 'day' : shown[0]?.day.length === 7 ? 'month' : 'week'
  const title = words.per[unit]
  return html`<section><h2>${title}</h2><figure>${stackedColumns(title, series, values)}</figure>
<details><summary>${words.asTable}</summary><table><thead><tr><th>${words.unit[unit]}</th>${series.map(({ label }) => html`<th class="n">${label}</th>`)}</tr></thead><tbody>${rows}</tbody></table></details></section>`
}

/** Actors whose profession no card names, in the page's language. */
function named(counts: ReadonlyMap<string, number>, { actors }: Words): ReadonlyMap<string, number> {
  return new Map([...counts].map(([name, count]) => [actors[name] ?? name, count]))
}

/** Days put together until they fit. */
function joined(days: readonly DayCounts[]): readonly DayCounts[] {
  if (days.length <= MOST_COLUMNS) return days
  const nameOf = days.length <= 7 * MOST_COLUMNS ? mondayOf : (day: string) => day.slice(0, 7)
  const joined = new Map<string, DayCounts>()
  for (const { day, counts } of days) {
    const name = nameOf(day)
    const known = joined.get(name)
    if (known === undefined) joined.set(name, { day: name, counts: { ...counts } })
    else for (const each of ACTIVITIES) known.counts[each] += counts[each]
  }
  return [...joined.values()]
}

function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

function barsOf(
  title: string,
  counts: ReadonlyMap<string, number>,
  { words, colour = 'reads' }: { readonly words: Words; readonly colour?: ActivityName },
): Markup {
  const sorted = [...counts].map(([label, value]) => ({ label, value })).sort((a, b) => b.value - a.value)
  if (sorted.length === 0) return html`<p>${words.none}</p>`
  const most = sorted.slice(0, 20)
  const rest = sorted.slice(20).reduce((sum, { value }) => sum + value, 0)
  return html`<figure>${bars(title, rest === 0 ? most : [...most, { label: words.others, value: rest }], colour)}</figure>`
}

function actions({ actions }: ActivitySummary, { actions: words }: Words): Markup {
  const rows = [...actions]
    .sort(([, a], [, b]) => b.ok + b.refused - a.ok - a.refused)
    .map(
      ([action, { ok, refused }]) =>
        html`<tr><td><code>${action}</code></td><td class="n">${number(ok)}</td><td class="n">${number(refused)}</td></tr>`,
    )
  return html`<table><thead><tr><th>${words.action}</th><th class="n">${words.done}</th><th class="n">${words.refused}</th></tr></thead><tbody>${rows}</tbody></table>`
}

function refusals({ reasons }: ActivitySummary, words: Words): Markup {
  const [, text, none, chart] = words.refusals
  if (reasons.size === 0) return html`<p>${none}</p>`
  return html`<p class="soft">${text}</p>${barsOf(chart, reasons, { words, colour: 'refusals' })}`
}

function hours({ hours }: ActivitySummary, words: Words): Markup {
  const values = hours.map((count, hour) => ({ label: `${String(hour).padStart(2, '0')} h`, values: [count] }))
  return html`<figure>${columns(words.hours[2], values)}</figure>`
}

function anomalies(list: readonly Anomaly[], words: Words): Markup {
  const { anomaly } = words
  const [title, text, none] = words.anomalies
  const rows = list.map(
    ({ kind, who, when, count, usual }) =>
      html`<tr><td>${words.anomalyOf(kind)}</td><td>${who ?? anomaly.everybody}</td><td>${when.replace('T', ' ').replace('.000Z', ' UTC')}</td><td class="n">${number(count)}</td><td class="n">${number(usual)}</td></tr>`,
  )
  const table =
    rows.length === 0
      ? html`<p>${none}</p>`
      : html`<table><thead><tr><th>${anomaly.what}</th><th>${anomaly.who}</th><th>${anomaly.when}</th><th class="n">${anomaly.count}</th><th class="n">${anomaly.usual}</th></tr></thead><tbody>${rows}</tbody></table>`
  return html`<section><h2>${title}</h2><p class="soft">${text}</p>${table}</section>`
}

function proved({ tree, counts }: AuditReport, words: Words): Markup {
  const [title, text] = words.rests
  const [before, after] = words.root(counted(tree?.size ?? 0, words.figures.entries, words))
  const root = tree === null ? html`` : html`<p>${before}<code>${tree.root}</code>${after}</p>`
  const { receipts } = counts
  const [none, honoured, due] = words.receipts
  const kept = receipts === null ? none : `${counted(receipts.honoured, honoured, words)}${due(number(receipts.due))}`
  return html`<section><h2>${title}</h2>${root}<p>${kept} ${text}</p></section>`
}
