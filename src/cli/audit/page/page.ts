/** The report as one page that needs nothing else: to be attached to an opinion. */

import { ACTIVITIES, type ActivityName, type ActivitySummary, type DayCounts } from '../../../log/audit/activity.ts'
import { ANOMALIES, type Anomaly } from '../../../log/audit/anomalies.ts'
import { FINDING_GROUPS, FINDINGS, type Finding } from '../../../log/audit/finding.ts'
import type { AuditReport } from '../../../log/audit/report.ts'
import { bars, type Column, columns, number, type Series, stackedColumns } from './charts.ts'
import { html, type Markup } from './markup.ts'
import { STYLE } from './style.ts'

export interface PageInput {
  readonly report: AuditReport
  readonly activity: ActivitySummary
  readonly timeZone: string
  /** What the deployment calls itself. */
  readonly name: string
  readonly made: Date
}

const LABELS: Readonly<Record<ActivityName, string>> = {
  reads: 'documents read',
  lists: 'lists',
  deposits: 'deposits',
  changes: 'decisions and keys',
  sessions: 'sign-ins',
  refusals: 'refusals',
  other: 'other',
}
/** More columns than this are put together by week, then by month. */
const MOST_COLUMNS = 200

export function auditPage({ report, activity, timeZone, name, made }: PageInput): string {
  const { days } = activity
  const period = days.length === 0 ? 'no entry' : `${days[0]?.day} to ${days.at(-1)?.day}`
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit of ${name}, ${period}</title><style>${{ markup: STYLE }}</style></head><body>
<header><h1>Audit of ${name}</h1><p class="soft">${period} · deployment <code>${report.deployment}</code> · made ${made.toISOString().slice(0, 16).replace('T', ' ')} UTC</p></header>
<main>${verdict(report)}${figures(report)}${findings(report)}${daily(activity)}
<section class="whole"><h2>Accesses by profession</h2><p class="soft">Reads, lists and deposits that were granted; professions as the cards name them.</p>${barsOf('Accesses by profession', activity.professions)}</section>
<section><h2>Entries by action</h2>${actions(activity)}</section>
<section class="whole"><h2>Refusals</h2>${refusals(activity)}</section>
<section class="whole"><h2>Hours of the day</h2><p class="soft">Acts on records by hour, ${timeZone}.</p>${hours(activity)}</section>
${anomalies(activity.anomalies)}${proved(report)}</main>
<footer>Made by <code>coffre audit report</code> from the host’s store and the programme’s anchors; nothing was asked of the host. No name, INS or content of a patient is in this page: records stand under their ids. The handbook (docs/audit.md) says what is proved and what is not.</footer>
</body></html>`
  return `${page.markup}\n`
}

function verdict({ holds, findings, signatures, tree }: AuditReport): Markup {
  const until =
    tree === null
      ? ''
      : ` Up to ${number(tree.size)} entries${tree.witnessedAt === null ? '' : `, cosigned by a quorum of witnesses at ${tree.witnessedAt.slice(0, 16).replace('T', ' ')} UTC`}.`
  if (holds) {
    return html`<div class="verdict holds"><strong>The log holds</strong><p>Chains are whole, tree and checkpoints are theirs, every request is signed by who acted, and the patient’s right stands behind each read, list and deposit.${until}</p></div>`
  }
  if (findings.length === 0 && !signatures) {
    return html`<div class="verdict open"><strong>Nothing found, not all checked</strong><p>The signatures of requests were left out: this is no proof.${until}</p></div>`
  }
  const kinds = findings.length === 1 ? 'one kind of finding' : `${findings.length} kinds of finding`
  return html`<div class="verdict"><strong>The log does not hold</strong><p>${kinds}, below, each with the first entry that shows it.${until}</p></div>`
}

function figures({ counts }: AuditReport): Markup {
  const { entries, records, requests, reads, lists, deposits, refusals, checkpoints, documents } = counts
  const shown: [string, number | null][] = [
    ['entries', entries],
    ['records', records],
    ['signed requests', requests],
    ['reads', reads],
    ['lists', lists],
    ['deposits', deposits],
    ['refusals', refusals],
    documents === null ? ['checkpoints', checkpoints] : ['documents hashed again', documents],
  ]
  const items = shown.map(([label, count]) => html`<li><b>${count === null ? '–' : number(count)}</b>${label}</li>`)
  return html`<ul class="figures">${items}</ul>`
}

function findings({ findings }: AuditReport): Markup {
  if (findings.length === 0) return html``
  return html`<section><h2>Findings</h2>${findings.map(finding)}</section>`
}

function finding({ code, group, message, record, n, seq, count }: Finding): Markup {
  const { means, todo } = FINDINGS[code]
  const place = [
    ...(seq === undefined ? [] : [`entry ${seq}`]),
    ...(record === undefined ? [] : [`chain ${record}`]),
    ...(n === undefined ? [] : [`number ${n} there`]),
  ]
  return html`<article><h3><code>${code}</code></h3><p>${message}</p><dl>
<dt>concerns</dt><dd>${FINDING_GROUPS[group]}</dd><dt>first at</dt><dd>${place.join(', ') || 'no entry in particular'}${count > 1 ? `; ${number(count)} in all` : ''}</dd>
<dt>means</dt><dd>${means}</dd><dt>to do</dt><dd>${todo}</dd></dl></article>`
}

function daily({ days }: ActivitySummary): Markup {
  const shown = joined(days)
  const present = ACTIVITIES.filter(name => days.some(({ counts }) => counts[name] > 0))
  const series: Series[] = present.map(name => ({ name, label: LABELS[name] }))
  const values: Column[] = shown.map(({ day, counts }) => ({ label: day, values: present.map(name => counts[name]) }))
  const rows = shown.map(
    ({ day, counts }) =>
      html`<tr><th>${day}</th>${present.map(name => html`<td class="n">${number(counts[name])}</td>`)}</tr>`,
  )
  const unit = shown.length === days.length ? 'day' : shown[0]?.day.length === 7 ? 'month' : 'week'
  return html`<section><h2>Entries per ${unit}</h2><figure>${stackedColumns(`Entries per ${unit}`, series, values)}</figure>
<details><summary>As a table</summary><table><thead><tr><th>${unit}</th>${series.map(({ label }) => html`<th class="n">${label}</th>`)}</tr></thead><tbody>${rows}</tbody></table></details></section>`
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

function barsOf(title: string, counts: ReadonlyMap<string, number>, colour: ActivityName = 'reads'): Markup {
  const sorted = [...counts].map(([label, value]) => ({ label, value })).sort((a, b) => b.value - a.value)
  if (sorted.length === 0) return html`<p>None.</p>`
  const most = sorted.slice(0, 20)
  const rest = sorted.slice(20).reduce((sum, { value }) => sum + value, 0)
  return html`<figure>${bars(title, rest === 0 ? most : [...most, { label: 'all others', value: rest }], colour)}</figure>`
}

function actions({ actions }: ActivitySummary): Markup {
  const rows = [...actions]
    .sort(([, a], [, b]) => b.ok + b.refused - a.ok - a.refused)
    .map(
      ([action, { ok, refused }]) =>
        html`<tr><td><code>${action}</code></td><td class="n">${number(ok)}</td><td class="n">${number(refused)}</td></tr>`,
    )
  return html`<table><thead><tr><th>action</th><th class="n">done</th><th class="n">refused</th></tr></thead><tbody>${rows}</tbody></table>`
}

function refusals({ reasons }: ActivitySummary): Markup {
  if (reasons.size === 0) return html`<p>Nobody was refused.</p>`
  return html`<p class="soft">By the reason the host gave. Strangers without a valid signature are counted together.</p>${barsOf('Refusals by reason', reasons, 'refusals')}`
}

function hours({ hours }: ActivitySummary): Markup {
  const values = hours.map((count, hour) => ({ label: `${String(hour).padStart(2, '0')} h`, values: [count] }))
  return html`<figure>${columns('Acts by hour of the day', values)}</figure>`
}

function anomalies(list: readonly Anomaly[]): Markup {
  const rows = list.map(
    ({ kind, who, when, count, usual }) =>
      html`<tr><td>${ANOMALIES[kind]}</td><td>${who ?? 'everybody'}</td><td>${when.replace('T', ' ').replace('.000Z', ' UTC')}</td><td class="n">${number(count)}</td><td class="n">${number(usual)}</td></tr>`,
  )
  const table =
    rows.length === 0
      ? html`<p>Nothing stood out.</p>`
      : html`<table><thead><tr><th>what</th><th>who</th><th>when</th><th class="n">count</th><th class="n">usual, or threshold</th></tr></thead><tbody>${rows}</tbody></table>`
  return html`<section><h2>What stands out</h2><p class="soft">Reasons to ask somebody, not proofs of anything: a night on duty or a vaccination day looks the same.</p>${table}</section>`
}

function proved({ tree, counts }: AuditReport): Markup {
  const root =
    tree === null
      ? html``
      : html`<p>Root of the tree of ${number(tree.size)} entries: <code>${tree.root}</code>. Whoever keeps a checkpoint of this log can compare it.</p>`
  const { receipts } = counts
  const kept =
    receipts === null
      ? 'No receipts were given.'
      : `${number(receipts.honoured)} receipts that readers kept were honoured, ${number(receipts.due)} are not due yet.`
  return html`<section><h2>What this rests on</h2>${root}<p>${kept} A host that colludes with a whole quorum of witnesses can leave acts out of a history; receipts and checkpoints kept by others are what shows that. Reads that never were asked through the protocol (a host copying its own disk) are ciphertext, and in no log.</p></section>`
}
