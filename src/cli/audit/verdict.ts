import { FINDING_GROUPS, FINDINGS, type Finding, type FindingGroup } from '../../log/audit/finding.ts'
import type { AuditReport } from '../../log/audit/report.ts'
import { counted } from '../counted.ts'
import { EXIT } from '../exit-codes.ts'

/** The exit code of each group of findings; of several, the lowest counts. */
const AUDIT_EXIT: Readonly<Record<FindingGroup, number>> = {
  integrity: EXIT.finding,
  tree: 11,
  authority: 12,
  signatures: 13,
  bodies: 14,
  store: 19,
}

/** 0 only when all holds. */
export function auditExitCode({ findings, holds }: Pick<AuditReport, 'findings' | 'holds'>): number {
  if (findings.length === 0) return holds ? EXIT.ok : UNCHECKED
  return Math.min(...findings.map(({ group }) => AUDIT_EXIT[group]))
}

/** Nothing was found, and not all was looked at. */
const UNCHECKED = 20

/** Lines for the help page. */
export const AUDIT_EXIT_HELP: string = Object.entries(AUDIT_EXIT)
  .map(([group, code]) => `  ${String(code).padStart(3)}  ${FINDING_GROUPS[group as FindingGroup]}`)
  .join('\n')
  .concat(
    `\n  ${String(UNCHECKED).padStart(3)}  nothing found, but not all was checked (--no-signatures, or a live log)`,
  )

/** How long reading took, for people. */
export interface Pace {
  readonly seconds: number
}

/** Lines of the receipts given that are not receipts of this host. */
export function foreignText(foreign: number): string {
  return `${counted(foreign, 'line')} that ${foreign === 1 ? 'is' : 'are'} none of this host`
}

/** The report as an auditor reads it. */
export function reportLines(
  { counts, tree, findings, holds, signatures, deployment }: AuditReport,
  { seconds }: Pace,
): string[] {
  const { entries, records, reads, lists, deposits, refusals, requests, checkpoints, witnessed, documents, receipts } =
    counts
  const rate = seconds > 0 ? `, ${Math.round(entries / seconds)} a second` : ''
  const lines = [
    `Deployment ${deployment}`,
    row('entries', entries, `in ${counted(records, 'record')} and the host’s own chain${rate}`),
    row('signed requests', requests, signatures ? 'behind them' : 'behind them, their signatures not verified'),
    row(
      'acts',
      reads + lists + deposits,
      `on documents: ${counted(reads, 'read')}, ${counted(lists, 'list')}, ${counted(deposits, 'deposit')}`,
    ),
    row('refusals', refusals, ''),
    row(
      'checkpoints',
      checkpoints,
      tree === null ? 'none of which holds' : `(${witnessed} with a quorum) up to ${treeText(tree)}`,
    ),
    documents === null
      ? '      –  stored documents: bodies were not looked at (--no-bodies)'
      : row('stored documents', documents, 'hashed again'),
  ]
  if (receipts !== null) {
    const { honoured, due, foreign } = receipts
    lines.push(row('receipts', honoured, `honoured; ${due} not due yet, ${foreignText(foreign)}`))
  }
  lines.push('')
  if (holds) {
    lines.push(`HOLDS: ${HELD}${documents === null ? '.' : ', and every document is as its author signed it.'}`)
    return lines
  }
  if (findings.length === 0) {
    lines.push('NOTHING FOUND, and this is no proof: the signatures of requests were not verified (--no-signatures).')
    return lines
  }
  lines.push(`DOES NOT HOLD: ${counted(findings.length, 'kind of finding', 'kinds of finding')}.`)
  for (const finding of findings) lines.push('', ...findingLines(finding))
  return lines
}

const HELD =
  'chains whole, tree and checkpoints theirs, every request signed by who acted, and the patient’s right behind each ' +
  'read, list and deposit'

function row(name: string, count: number, rest: string): string {
  return `${String(count).padStart(7)}  ${name}${rest === '' ? '' : ` ${rest}`}`
}

/** The signed tree, and who cosigned it. */
export function treeText({ size, cosigned, witnessedAt, waiting }: NonNullable<AuditReport['tree']>): string {
  // A witness stands in the policy once for each of its keys.
  const witnesses = [...new Set(cosigned.map(name => name.replace(/-0x0[46]$/, '')))]
  const seen = witnesses.length === 0 ? 'by no witness' : `by ${witnesses.join(', ')}`
  const when = witnessedAt === null ? 'no quorum' : `quorum at ${witnessedAt}`
  const rest = waiting > 0 ? `; ${counted(waiting, 'entry', 'entries')} came after it` : ''
  return `${counted(size, 'entry', 'entries')}, cosigned ${seen} (${when})${rest}`
}

/** A finding as a person reads it. */
export function findingLines({ code, message, record, n, seq, count }: Finding): string[] {
  const { means, todo } = FINDINGS[code]
  const place = [
    ...(seq === undefined ? [] : [`entry ${seq} of the log`]),
    ...(record === undefined || record === '' ? [] : [`chain ${record}`]),
    ...(n === undefined ? [] : [`number ${n} there`]),
  ]
  return [
    `[${code}] ${message}`,
    `    first at: ${place.length === 0 ? 'no entry in particular' : place.join(', ')}${count > 1 ? ` (${count} in all)` : ''}`,
    `    meaning:  ${means}`,
    `    to do:    ${todo}`,
  ]
}
