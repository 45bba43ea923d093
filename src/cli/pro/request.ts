import { requestAccess } from '../../client/professional/request.ts'
import { terminalQr } from '../../client/terminal-qr.ts'
import { parseIns } from '../../protocol/ins.ts'
import { type Command, flag, UsageError } from '../command.ts'
import { connected, insOf, PATIENT_OPTIONS, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro request',
  summary: 'ask a patient for access',
  help: `
Sends the patient a request for access, signed by your working key. It shows on the patient's screen with your name and
profession as your card says them; the patient grants it, or not.

The answer names the record and the fingerprint of the patient's identity, checked from the insurer's signature on.
Compare the fingerprint with the one on the patient's screen or recovery kit when the record is new.

Six words stand below, the same as on the patient's screen beside your request: read them aloud before access is given, so
that it goes to you and nobody else. With --qr the same as a code that the patient's device scans.

Examples:
  coffre pro request --home ws/leroy --ins 1234567890123456789012
  coffre pro request --home ws/leroy            (asks for the INS, so that it stays out of the shell's history)
`,
  options: {
    ...WORKSTATION_OPTIONS,
    ins: PATIENT_OPTIONS.ins,
    qr: { type: 'boolean', description: 'show a code for the patient’s device to scan' },
  },
  async run(args, io) {
    let ins = insOf(args)
    if (ins === undefined && io.ask !== undefined) ins = parseIns(await io.ask('INS of the patient:'))
    if (ins === undefined) throw new UsageError('--ins is missing (the patient’s INS)')
    const patient = ins
    return await connected(args, io, async connection => {
      const asked = await requestAccess(connection, patient)
      io.print('The request is on its way to the patient.')
      io.print(`Record ${asked.recordId}; identity ${asked.fingerprint}`)
      if (asked.isNew) io.print('Warning: this is another identity than the one known here: compare it in person.')
      io.print(`Compare with the patient’s screen: ${asked.words}`)
      if (flag(args, 'qr')) {
        io.print(terminalQr(asked.text))
        io.print(asked.text)
      }
      return asked
    })
  },
}
