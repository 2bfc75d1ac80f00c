// What the auditor's page needs of age: opening, and nothing else.
export { Decrypter } from "age-encryption";
