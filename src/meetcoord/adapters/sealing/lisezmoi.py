"""The text that travels in every evidence file, for whoever finds it without knowing meetcoord.

It belongs to the format: a changed text is a new format, and the old one must then still be readable.
"""

LISEZMOI = """\
FICHIER DE PREUVE MEETCOORD, version 1 (English below)

Ce fichier accompagne le compte rendu scellé d'une réunion. Il permet de vérifier,
sans le serveur et sans réseau, que ce compte rendu est bien celui qui a été inscrit
au journal commun des organismes.

Vérifier :
    meetcoord evidence verify evidence.zip --log-key cle-du-journal.vkey
Vérifier aussi le texte, avec la clé privée d'un destinataire :
    meetcoord evidence verify evidence.zip --log-key cle-du-journal.vkey --identity identite.txt
La clé du journal doit venir de votre organisme. Celle qui se trouve dans ce fichier
(log.vkey) ne prouve rien à elle seule : comparez son empreinte.

Ce qui est établi : ces octets, chiffrés pour ces clés, figuraient dans ce journal quand
il comptait le nombre d'entrées signé ; le journal y a inscrit les approbations jointes.
Ce qui n'est pas établi : l'identité de la personne qui a écrit ou approuvé, l'heure
légale (les heures sont celles du service), et l'absence d'autres entrées.

Contenu :
    log.vkey              clé publique du journal
    entry.leaf            l'entrée (JSON canonique)
    entry.tlog-proof      sa place dans le journal et l'état signé du journal
    entry.age             le compte rendu scellé (format age, clés post-quantiques)
    policy.*              la liste des clés qui peuvent l'ouvrir, et sa place
    approvals/*           les approbations, et leur place
Formats publics : age-encryption.org/v1, C2SP signed-note, tlog-checkpoint, tlog-proof ;
arbre de la RFC 9162. Le moindre octet changé dans ce fichier est détecté.

------------------------------------------------------------------------------------

MEETCOORD EVIDENCE FILE, version 1

This file goes with the sealed minutes of a meeting. It allows anyone to verify, without
the server and without a network, that these minutes are those written in the log that
the agencies share.

To verify:
    meetcoord evidence verify evidence.zip --log-key log-key.vkey
To verify the text as well, with the private key of a recipient:
    meetcoord evidence verify evidence.zip --log-key log-key.vkey --identity identity.txt
The log key has to come from your agency. The one in this file (log.vkey) proves nothing
by itself: compare its fingerprint.

What is shown: these bytes, encrypted to these keys, were in this log when it had the
signed number of entries; the log recorded the approvals enclosed.
What is not shown: who the persons were that wrote or approved, legal time (times are
the service's own), and that there are no other entries.

Contents:
    log.vkey              public key of the log
    entry.leaf            the entry (canonical JSON)
    entry.tlog-proof      its place in the log, and the signed state of the log
    entry.age             the sealed minutes (age format, post-quantum keys)
    policy.*              the list of the keys that can open them, and its place
    approvals/*           the approvals, and their places
Public formats: age-encryption.org/v1, C2SP signed-note, tlog-checkpoint, tlog-proof;
tree of RFC 9162. A change of any single byte of this file is detected.
"""
