/** What stands in an exported trace for whoever opens the folder. */
export const TRACE_README = `TRACE D’UN DOSSIER MÉDICAL PERSONNEL

Ce dossier contient toutes les écritures du journal qui concernent un dossier médical : qui a fait quoi, et quand. Chacune
est signée par celui qui a agi, et prouvée par le journal public que des témoins indépendants cosignent.

Pour vérifier, sur n’importe quelle machine et sans réseau, avec le fichier des ancres de confiance que donne le
groupement responsable (jamais l’hébergeur) :

  coffre patient verify-trace DOSSIER --anchors anchors.json

Sans ce programme : entries/NNNNNNNN contient les octets de chaque écriture ; le manuel de l’auditeur (docs/audit.md)
montre comment les vérifier avec sha256sum et openssl.

Ce qui n’est pas prouvé : ce qui a suivi la date de l’export. Ce dossier ne contient ni document, ni titre, ni numéro de
sécurité sociale, ni clé ; il dit quels professionnels ont soigné le patient : gardez-le comme tel.


TRACE OF A PERSONAL HEALTH RECORD

This folder holds every entry of the log that concerns one health record: who did what, and when. Each is signed by who
acted, and proved by the public log that independent witnesses cosign.

To check it, on any machine and without a network, with the file of trust anchors that the programme (never the host)
gives:

  coffre patient verify-trace FOLDER --anchors anchors.json

Without this program: entries/NNNNNNNN holds the bytes of each entry; the auditor’s handbook (docs/audit.md) shows how to
check them with sha256sum and openssl.

What is not proved: what came after the export. There is no document, title, social security number or key in this
folder; it tells which professionals treated the patient: keep it accordingly.
`
