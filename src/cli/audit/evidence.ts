/** Evidence to publish: one file a finding, with what convinces a third party and names no patient. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FINDING_GROUPS, FINDINGS } from '../../log/audit/finding.ts'
import type { AuditReport } from '../../log/audit/report.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { UsageError } from '../command.ts'

/** Writes `CODE.json` for each finding into a folder, made when missing. Returns the files. Throws `UsageError`. */
export function writeEvidence(
  folder: string,
  { findings, tree }: Pick<AuditReport, 'findings' | 'tree'>,
  { anchors, made }: { readonly anchors: Anchors; readonly made: Date },
): string[] {
  const { deployment, origin, policy, hostKey, insurerKey, cardAuthorities } = anchors
  try {
    mkdirSync(folder, { recursive: true })
    return findings.map(({ group, ...finding }) => {
      const { means, todo } = FINDINGS[finding.code]
      const file = join(folder, `${finding.code}.json`)
      const said = { ...finding, concerns: FINDING_GROUPS[group], means, todo }
      // What it is judged by stands beside it: the reader compares it with the programme's own copy.
      const trusted = { deployment, origin, policy, hostKey, insurerKey, cardAuthorities }
      const text = JSON.stringify(
        { coffre: 'audit-evidence/1', made: made.toISOString(), ...said, tree, trusted },
        null,
        2,
      )
      writeFileSync(file, `${text}\n`)
      return file
    })
  } catch (cause) {
    throw new UsageError(`${folder} cannot be written; check the path`, { code: 'file-unwritable', cause })
  }
}
