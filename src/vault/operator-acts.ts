/**
 * What an operator does with a store by commands of their own (a backup, a restore, an export) belongs in the log too. Each
 * leaves a note beside the store; the host that runs on it, or the next one, makes it an entry and then takes the note away:
 * after a crash between the two there are two entries, never none.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `trust`: the host took another certificate, card authority or revocation list while it ran. */
const OPERATOR_ACTS = ['backup', 'restore', 'export-log', 'trust'] as const
export type OperatorAct = (typeof OPERATOR_ACTS)[number]

/** Notes taken in one look. */
const MOST = 100

const folderOf = (store: string): string => join(store, 'operator')

/** Leaves a note in a store's folder. */
export function noteOperatorAct(store: string, act: OperatorAct): void {
  const folder = folderOf(store)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, `${Date.now()}-${randomUUID()}.json`), JSON.stringify({ act }), {
    mode: 0o600,
    flush: true,
  })
}

/** Makes each note an entry by `enter`, oldest first. What is no note is left alone. */
export async function takeOperatorActs(store: string, enter: (act: OperatorAct) => Promise<unknown>): Promise<void> {
  const folder = folderOf(store)
  if (!existsSync(folder)) return
  const names = readdirSync(folder).filter(name => name.endsWith('.json'))
  for (const name of names.sort().slice(0, MOST)) {
    const act = actOf(join(folder, name))
    if (act === null) continue
    await enter(act)
    rmSync(join(folder, name))
  }
}

function actOf(path: string): OperatorAct | null {
  try {
    const { act } = JSON.parse(readFileSync(path, 'utf8')) as { act: unknown }
    return OPERATOR_ACTS.find(each => each === act) ?? null
  } catch {
    return null // half a note of a command that was cut off
  }
}
