/** The pages of help. */
import type { Command } from './command.ts'
import { EXIT_HELP } from './exit-codes.ts'
import { COMMANDS, GROUPS } from './registry.ts'

const WIDTH = 34

/** `coffre --help`, or the part of it for one group. */
export function overview(only?: string): string {
  const lines: string[] = []
  if (only === undefined) {
    lines.push('Coffre keeps health records that their host cannot read.', '')
  }
  lines.push(`Usage: coffre ${only ?? '<group>'} <command> [options]`, '')
  for (const [group, title] of Object.entries(GROUPS)) {
    if (only !== undefined && only !== group) continue
    lines.push(`${title}:`)
    for (const [name, { summary }] of Object.entries(COMMANDS)) {
      if (name.startsWith(`${group} `)) lines.push(`  ${`coffre ${name}`.padEnd(WIDTH - 8)} ${summary}`)
    }
    lines.push('')
  }
  lines.push('coffre <group> <command> --help shows how to use one, with examples.')
  if (only !== undefined) return lines.join('\n')
  lines.push(
    '',
    'All take --json (one JSON object on standard output; errors as JSON on standard error).',
    'coffre --version prints the version.',
    '',
    'Exit codes:',
    ...EXIT_HELP.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`),
  )
  return lines.join('\n')
}

/** The page of one command. */
export function commandPage(command: Command): string {
  const positionals = command.positionals ?? []
  const usage = ['coffre', command.name]
  for (const { name, required } of positionals) usage.push(required ? name : `[${name}]`)
  for (const [name, spec] of Object.entries(command.options)) {
    if (spec.required) usage.push(`--${name}${spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : ''}`)
  }
  const lines = [`coffre ${command.name}: ${command.summary}`, '', `Usage: ${usage.join(' ')} [options]`, '']
  lines.push(command.help.trim(), '')
  if (positionals.length > 0) {
    for (const { name, description } of positionals) lines.push(row(name, description))
    lines.push('')
  }
  lines.push('Options:')
  for (const [name, spec] of Object.entries(command.options)) {
    const short = spec.short === undefined ? '' : `-${spec.short}, `
    const value = spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : ''
    const notes = [spec.required ? 'required' : '', spec.multiple ? 'may be repeated' : ''].filter(Boolean)
    lines.push(row(`${short}--${name}${value}`, spec.description + (notes.length > 0 ? ` (${notes.join(', ')})` : '')))
  }
  lines.push(row('--json', 'print the result as one JSON object'), row('-h, --help', 'show this page'))
  return lines.join('\n')
}

function row(left: string, right: string): string {
  return left.length > 28 ? `  ${left}\n  ${' '.repeat(28)} ${right}` : `  ${left.padEnd(28)} ${right}`
}
