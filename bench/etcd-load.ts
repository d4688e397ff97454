// A client of etcd that puts values as fast as etcd commits them, so many at a time: what a store in it is measured by.

import { encodePut } from "../engine/store/etcd-messages.ts";
import { Session } from "../engine/store/etcd-session.ts";

const [url = "", clients = "", size = "", seconds = ""] = process.argv.slice(2);
const session = new Session(new URL(url), {});
const value = "x".repeat(Number(size));
const until = performance.now() + Number(seconds) * 1000;
let count = 0;
const client = async (number: number) => {
  for (let index = 0; performance.now() < until; index += 1) {
    await session.call("KV/Put", encodePut(`/load/${number}/${index}`, value, 0), 10_000);
    count += 1;
  }
};
await Promise.all(Array.from({ length: Number(clients) }, (_, number) => client(number)));
session.end();
console.log(count / Number(seconds));
