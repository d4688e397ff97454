// Passphrases, and values encrypted with them.

import { expect } from "chai";
import { createCrypter, openCrypter, readPassphrase } from "../../runner/stack/secrets.ts";

async function rejected(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing was refused",
    (error: Error) => error.message,
  );
}

describe("secrets", () => {
  it("decrypts what it encrypted, each time differently", () => {
    const crypter = createCrypter("correct horse");
    const [first, second] = [crypter.encrypt("hush"), crypter.encrypt("hush")];
    expect(first).to.not.equal(second);
    expect([crypter.decrypt(first), crypter.decrypt(second)]).to.deep.equal(["hush", "hush"]);
  });

  it("opens a salt and a value that the Pulumi CLI wrote", () => {
    // Written by the CLI with the passphrase "x".
    const salt = "v1:Je8BjIViw50=:v1:64uiLJ0m0kwG4RKw:xY4b1b78v+3OftuH+s8/gRof3jve8Q==";
    const crypter = openCrypter("x", salt);
    expect(crypter.decrypt("v1:eVbc6DTogabTECA1:PcRnweh0WFfGSIg2qcf7NXtnr0Y=")).to.equal("hush");
  });

  it("says that a passphrase is wrong before anything is encrypted or read with it", () => {
    const { salt } = createCrypter("right");
    expect(() => openCrypter("wrong", salt).encrypt("hush")).to.throw("incorrect passphrase");
    expect(() => openCrypter("wrong", salt).decrypt("v1:a:b")).to.throw("incorrect passphrase");
  });

  it("refuses a value that was tampered with", () => {
    const crypter = createCrypter("p");
    const [version, nonce, text = ""] = crypter.encrypt("hush").split(":");
    const bytes = Buffer.from(text, "base64");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    expect(() => crypter.decrypt([version, nonce, bytes.toString("base64")].join(":"))).to.throw();
  });

  it("takes an empty passphrase for one, and none for a mistake", async () => {
    expect(await readPassphrase({ PULUMI_CONFIG_PASSPHRASE: "" })).to.equal("");
    expect(await rejected(readPassphrase({}))).to.contain("PULUMI_CONFIG_PASSPHRASE");
  });
});
