/**
 * The import rule: who may import whom (import-table.ts, checked by dependency-cruiser), and what the host's code may reach
 * (reachable.ts). Run by the gate; prints every finding and exits 1 when there is one.
 */
import { join, relative, sep } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { cruiseOptions, folderRules } from './import-table.ts'
import { reachableFindings, sourceFiles } from './reachable.ts'

/**
 * Checks the direct imports of every module under `src`.
 * @param root the checkout (or a tree planted by a test), with `src` below it
 * @returns the modules looked at (paths relative to root, with slashes) and one line per finding
 */
export async function directFindings(root: string): Promise<{ modules: string[]; findings: string[] }> {
  const { output } = await cruise(['src'], { ...cruiseOptions, baseDir: root, ruleSet: folderRules, validate: true })
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with a report instead of its result')
  const result: ICruiseResult = output
  return {
    modules: result.modules.map(module => module.source).filter(source => source.startsWith('src/')),
    findings: result.summary.violations.map(violation => {
      const circle = violation.cycle?.map(step => step.name).join(' → ')
      return `${violation.rule.name}: ${violation.from} → ${circle ?? violation.to}`
    }),
  }
}

/** Both halves of the rule and their self-check: every source file on the disk was looked at by both. */
export async function importFindings(
  root: string,
): Promise<{ modules: number; hostModules: number; findings: string[] }> {
  const direct = await directFindings(root)
  const reachable = reachableFindings(root)
  const onDisk = sourceFiles(join(root, 'src')).map(file => relative(root, file).split(sep).join('/'))
  const unseen = onDisk.filter(file => !direct.modules.includes(file) || !reachable.modules.includes(file))
  return {
    modules: onDisk.length,
    hostModules: reachable.reached.length,
    findings: [
      ...unseen.map(file => `not-analysed: ${file} is in src but the import rule did not look at it`),
      ...direct.findings,
      ...reachable.findings,
    ],
  }
}

if (import.meta.main) {
  const { modules, hostModules, findings } = await importFindings(join(import.meta.dirname, '..'))
  for (const finding of findings) console.error(finding)
  console.log(
    `${modules} modules analysed, ${hostModules} of them reachable from the host, ${findings.length} findings`,
  )
  if (findings.length > 0) process.exitCode = 1
}
