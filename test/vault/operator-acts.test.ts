import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { noteOperatorAct, takeOperatorActs } from '../../src/vault/operator-acts.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('each note becomes one entry; one that could not be entered stays; what is no note is left alone', async t => {
  const store = testFolder(t)
  const entered: string[] = []
  const take = () => takeOperatorActs(store, async act => entered.push(act))
  await take()
  t.notOk(existsSync(join(store, 'operator')))
  noteOperatorAct(store, 'backup')
  await new Promise(resolve => setTimeout(resolve, 5))
  noteOperatorAct(store, 'export-log')
  writeFileSync(join(store, 'operator', '0-half.json'), '{"act":"ba')
  writeFileSync(join(store, 'operator', '1-other.json'), '{"act":"INS 1234"}')
  await t.rejects(takeOperatorActs(store, async () => Promise.reject(new Error('full'))))
  await take()
  await take()
  t.same(entered, ['backup', 'export-log'])
  t.same(readdirSync(join(store, 'operator')), ['0-half.json', '1-other.json'])
})
