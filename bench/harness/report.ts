/** The table that a person reads; `--json` prints the lines alone. */
import { cpus, totalmem } from 'node:os'
import type { Line, Outcome } from './contest.ts'

/** The machine, for whoever compares two runs. */
export function machineText(): string {
  const processors = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${processors[0]?.model.trim() ?? process.arch}, ${processors.length} cores, ${memory}; Node ${process.versions.node}, ${process.platform}`
}

/** Each side with its raw values, then each comparison with its verdict. */
export function outcomeText({ raw, lines }: Outcome): string {
  const title = lines[0]?.figure ?? ''
  const unit = lines[0]?.unit ?? ''
  const sides = Object.entries(raw).map(([side, values]) => {
    const [least, most] = [Math.min(...values), Math.max(...values)]
    return `    ${side.padEnd(44)} ${number(least)} … ${number(most)} ${unit}   (${values.map(number).join(' ')})`
  })
  return [`  ${title}`, ...sides, ...lines.map(lineText)].join('\n')
}

function lineText({ value, unit, against, ratio, target, holds }: Line): string {
  const what = against === null ? 'value' : `ratio to ${against}`
  const figure = ratio === null ? `${number(value)} ${unit}` : `${number(ratio)}`
  const verdict = holds === null ? 'reported' : `${target}  ${holds ? 'holds' : 'MISSED'}`
  return `  → ${what.padEnd(44)} ${figure.padEnd(14)} ${verdict}`
}

const number = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3))
