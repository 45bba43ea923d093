import { join } from 'node:path'
import { readSoftwareCard } from '../../client/cards/software-card.ts'
import { Connection } from '../../client/professional/connection.ts'
import { Workstation } from '../../client/professional/workstation.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { DocumentOpened } from '../../protocol/messages.ts'
import { readText } from '../files.ts'
import type { Who } from './parties.ts'
import type { Stage } from './stage.ts'

/** A holder's workstation, opened with the card as the program would. */
export async function openWorkstation({ layout }: Stage, who: Who): Promise<Workstation> {
  const card = layout.cards[who]
  const files = { certificate: join(card, 'card.pem'), key: join(card, 'card.key.pem') }
  const opened = await readSoftwareCard(files, readText(join(card, 'pin.txt')))
  return await Workstation.open({ home: layout.workstations[who], card: opened })
}

/**
 * Asks the host for a document with a well-signed request and none of the checks that our software makes before: what a
 * program of somebody else's may do. Returns the code of the refusal, `null` when it was not refused.
 */
export async function askStraight(stage: Stage, who: Who, documentId: string): Promise<string | null> {
  const connection = await Connection.open(await openWorkstation(stage, who))
  try {
    await connection.host.call({
      ...connection.signing,
      method: 'GET',
      path: `/v1/records/${stage.fact('record')}/documents/${documentId}`,
      answer: DocumentOpened,
    })
    return null
  } catch (error) {
    if (CoffreError.is(error)) return error.code
    throw error
  } finally {
    await connection.close()
  }
}
