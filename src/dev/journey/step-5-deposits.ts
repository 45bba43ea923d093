import { statSync } from 'node:fs'
import { fromBase64url } from '../../crypto/bytes.ts'
import { VerifyKey } from '../../crypto/sign.ts'
import { verifyReceipt } from '../../log/receipt.ts'
import { NURSE } from '../people.ts'
import { pro, type Who } from './parties.ts'
import { check, type Stage, type Step } from './stage.ts'

/** A PDF, a 20 MiB image and a real CDA document, encrypted where they are made; a receipt for each. */
export const deposits: Step = {
  number: 5,
  title: 'Three deposits',
  async play(stage: Stage) {
    const { letter, image, vaccination } = stage.samples
    const first = await deposit(stage, 'doctor', letter, '--kind', 'reports', '--title', 'Lettre de consultation')
    stage.leave('letter', first.documentId)
    const began = performance.now()
    const second = await deposit(stage, 'doctor', image, '--kind', 'imaging', '--title', 'Radiographie du thorax')
    stage.leave('image', second.documentId)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const size = (statSync(image).size / 1024 / 1024).toFixed(1)
    stage.leave('vaccination', (await deposit(stage, 'clinic', vaccination)).documentId)
    stage.say(
      `Dr Maréchal deposited a letter (PDF) and a radiograph of ${size} MiB, encrypted and sent in ${seconds} s.`,
    )
    stage.say(`Clinique des Cèdres deposited a vaccination record (CDA); it vouches for its nurse, ${NURSE.name}.`)
    stage.say('Each got a receipt, signed by the host: the entry is in the log, or the receipt is evidence.')
  },
}

/** What a deposit left. */
export interface Deposited {
  readonly documentId: string
  readonly epoch: number
}

/** One deposit; its receipt is checked. */
export async function deposit(stage: Stage, who: Who, file: string, ...rest: string[]): Promise<Deposited> {
  const { result } = await pro(stage, who, 'deposit', file, '--ins', stage.fact('ins'), ...rest)
  const { documentId, receipt, epoch } = result
  check(
    typeof documentId === 'string' && typeof receipt === 'string' && typeof epoch === 'number',
    'a deposit gives its document’s id, epoch and receipt',
  )
  const { anchors } = stage.running.world
  const hostKey = VerifyKey.parse(fromBase64url(anchors.hostKey))
  const { event } = await verifyReceipt(receipt, { hostKey, deployment: anchors.deployment })
  check(event.action === 'document.deposit' && event.outcome === 'ok', 'the receipt is that of the deposit')
  check(event.object.document === documentId, 'the receipt names the document')
  if (who === 'clinic') {
    check(event.actor.kind === 'establishment' && event.actor.acting.id === NURSE.id, 'the entry names who acted')
  }
  return { documentId, epoch }
}
