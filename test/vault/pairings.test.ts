import t from 'tap'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { openVaultWorld } from '../fixtures/vault-world.ts'

t.teardown(() => world.vault.close())
const world = await openVaultWorld(testFolder(t))
const sealKey = toBase64url(new Uint8Array(1216))
const start = (network: string) => world.vault.pairings.start(sealKey, world.now(), network)

t.test('one network cannot take every place where a new device waits', async t => {
  for (let i = 0; i < 50; i++) await start('one')
  await t.rejects(start('one'), { code: 'busy' })
  t.ok((await start('another')).pairing)
  world.advance(10 * 60_000 + 1)
  t.ok((await start('one')).pairing, 'theirs are over')
})
