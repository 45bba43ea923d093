import { MessageChannel } from 'node:worker_threads'
import t from 'tap'
import { remoteVault } from '../../../src/api/workers/remote-vault.ts'
import type { DocumentId, RecordId } from '../../../src/protocol/ids.ts'
import { openReader } from '../../../src/vault/reader.ts'
import { newId } from '../../fixtures/document.ts'
import { testFolder } from '../../fixtures/test-folder.ts'
import { DOCTOR, makeHolder, openVaultWorld, signed } from '../../fixtures/vault-world.ts'

t.test(
  'calls that wait for an owner who does not come are bounded, and each is told when the owner is gone',
  async t => {
    const folder = testFolder(t)
    const world = await openVaultWorld(folder)
    const reader = openReader({
      folder,
      anchors: world.anchors,
      clock: world.now,
      withdrawals: world.vault.withdrawals,
    })
    const { port1, port2 } = new MessageChannel()
    t.teardown(async () => {
      port1.close()
      await reader.close()
      await world.vault.close()
    })
    const vault = remoteVault(port2, reader)
    const doctor = await makeHolder(world, DOCTOR)
    const record = newId<RecordId>()
    const request = signed(world, doctor, { path: `/v1/records/${record}/documents` })
    const ask = () => vault.documents.openBody(request, record, newId<DocumentId>())
    const waiting = Array.from({ length: 2048 }, ask)
    for (const each of waiting) Promise.resolve(each).catch(() => {})
    await t.rejects(Promise.resolve(ask()), { code: 'busy' }, 'one more than may wait')
    port1.close()
    await t.rejects(Promise.resolve(waiting[0]), { code: 'busy' })
    await t.rejects(Promise.resolve(ask()), { code: 'busy' }, 'and nobody is asked any more')
  },
)
