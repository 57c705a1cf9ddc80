// Asks with Twilio's own library and prints what it answers or throws, as JSON.
// node lookups.js PACKAGES_FOLDER BASE_URL USER PASSWORD
const [folder, baseUrl, user, password] = process.argv.slice(2);
const twilio = require(require.resolve("twilio", { paths: [folder] }));

function client(secret) {
  const made = twilio(user, secret, { accountSid: user });
  made.lookups.baseUrl = baseUrl;
  return made.lookups.v2;
}

async function told(promise) {
  try {
    const answer = await promise;
    return answer.toJSON();
  } catch (error) {
    return { thrown: error.constructor.name, status: error.status, code: error.code, message: error.message };
  }
}

async function main() {
  const lookups = client(password);
  const fields = "line_type_intelligence";
  const answers = {
    basic: await told(lookups.phoneNumbers("+14159929960").fetch()),
    national: await told(lookups.phoneNumbers("0812-3456-7000").fetch({ countryCode: "ID" })),
    package: await told(lookups.phoneNumbers("+6281234567000").fetch({ fields })),
    invalid: await told(lookups.phoneNumbers("+141599299600").fetch({ fields })),
    batch: await told(
      lookups.query.create({
        phone_numbers: [
          { correlation_id: "a", phone_number: "+6281234567000", fields: [fields] },
          { correlation_id: "b", phone_number: "nobody" },
        ],
      }),
    ),
    unknownField: await told(lookups.phoneNumbers("+14159929960").fetch({ fields: "carrier" })),
    nothing: await told(lookups.phoneNumbers(" ").fetch()),
    wrongKey: await told(client("wrong").phoneNumbers("+14159929960").fetch()),
  };
  console.log(JSON.stringify(answers));
}

main();
