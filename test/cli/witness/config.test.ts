import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readWitnessConfig } from '../../../src/cli/witness/config.ts'
import { toBase64url } from '../../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../../src/crypto/mldsa.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { logKeys } from '../../../src/log/checkpoint.ts'
import { formatVkey } from '../../../src/log/note.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const log = { origin: 'log.example/a', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const seed = new Uint8Array(32).fill(3)
const config = {
  name: 'witness.example/w',
  listen: { address: '127.0.0.1', port: 8451 },
  keys: { ed25519: './ed25519.key', mlDsa44: './mldsa44.key' },
  state: './state.json',
  logs: [{ keys: logKeys(log).map(formatVkey) }],
}

function folder(t: Test, value: unknown = config): string {
  const home = testFolder(t)
  for (const name of ['ed25519.key', 'mldsa44.key']) {
    writeFileSync(join(home, name), `${toBase64url(seed)}\n`, { mode: 0o600 })
  }
  const path = join(home, 'config.json')
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}

t.test('a whole configuration', async t => {
  const path = folder(t)
  const read = readWitnessConfig(path)
  t.equal(read.cosigner.name, 'witness.example/w')
  t.same(read.cosigner.ed25519?.verifyKey.bytes, SigningKey.fromSeed(seed).verifyKey.bytes)
  t.same(read.cosigner.mlDsa44?.verifyKey.bytes, MlDsaSigningKey.fromSeed(seed).verifyKey.bytes)
  t.equal(read.stateFile, join(path, '../state.json'))
  t.same({ address: read.address, port: read.port }, config.listen)
  t.same(read.logs.map(formatVkey), config.logs[0]?.keys)
})

t.test('a key file that others may read, or that holds no key, is refused', async t => {
  const path = folder(t)
  const key = join(path, '../ed25519.key')
  chmodSync(key, 0o640)
  t.throws(() => readWitnessConfig(path), { code: 'witness-key', message: /chmod 600/ })
  chmodSync(key, 0o600)
  for (const text of ['', 'AAAA', `${toBase64url(seed)}\n\n`, `${seed.toBase64()}\n`]) {
    writeFileSync(key, text)
    t.throws(() => readWitnessConfig(path), { code: 'witness-key' }, JSON.stringify(text))
  }
  const elsewhere = { ...config, keys: { ...config.keys, mlDsa44: './none.key' } }
  t.throws(() => readWitnessConfig(folder(t, elsewhere)), { code: 'witness-key' })
})

t.test('what is wrong is named', async t => {
  const bad: [unknown, RegExp][] = [
    ['{', /JSON/],
    [null, /configuration is not an object/],
    [{ ...config, sate: 1 }, /a field too many: sate/],
    [{ ...config, name: 'a b' }, /key name/],
    [{ ...config, name: undefined }, /name/],
    [{ ...config, listen: { address: '127.0.0.1', port: 70_000 } }, /port/],
    [{ ...config, listen: '127.0.0.1:8451' }, /listen/],
    [{ ...config, state: '' }, /state/],
    [{ ...config, logs: [] }, /no log/],
    [{ ...config, logs: [{ keys: [] }] }, /no keys/],
    [{ ...config, logs: [{ keys: ['a+b+c'] }] }, /note key/],
  ]
  for (const [value, message] of bad) {
    t.throws(() => readWitnessConfig(folder(t, value)), { code: 'witness-config', message })
  }
})
