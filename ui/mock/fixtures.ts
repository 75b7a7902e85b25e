/** Generated from the answers of the program. Never edited: UPDATE_BINDINGS=1 cargo test -p firmdrop-demo --test stand_in */
import type { AccountForm, AccountView, ErrorCode, Plan, ReaderView, Verdict } from "../src/ipc/bindings";

export const accountForms: AccountForm[] = [
  {
    "fields": [],
    "hint": "The address of a Pelion service and an access key for it.",
    "host": {
      "choices": [],
      "hint": "An address like https://api.us-east-1.mbedcloud.com",
      "key": "host",
      "label": "Address of the service",
      "only_when": null,
      "required": true,
      "usual": "https://api.us-east-1.mbedcloud.com"
    },
    "kind": "pelion",
    "secrets": [
      {
        "choices": [],
        "hint": "Made in the service's portal",
        "key": "access_key",
        "label": "Access key",
        "only_when": null,
        "required": true,
        "usual": null
      }
    ],
    "title": "Pelion (Izuma) Device Management"
  },
  {
    "fields": [
      {
        "choices": [],
        "hint": "Name of the instance within the account",
        "key": "instance",
        "label": "Instance",
        "only_when": null,
        "required": true,
        "usual": null
      },
      {
        "choices": [
          {
            "label": "2026-06-01",
            "value": "2026-06-01"
          },
          {
            "label": "2023-10-01-preview",
            "value": "2023-10-01-preview"
          },
          {
            "label": "2022-10-01",
            "value": "2022-10-01"
          },
          {
            "label": "2022-07-01-preview",
            "value": "2022-07-01-preview"
          },
          {
            "label": "2021-06-01-preview",
            "value": "2021-06-01-preview"
          },
          {
            "label": "legacy-v2",
            "value": "legacy-v2"
          }
        ],
        "hint": "",
        "key": "api_version",
        "label": "API version",
        "only_when": null,
        "required": true,
        "usual": "2026-06-01"
      },
      {
        "choices": [
          {
            "label": "Application with a client secret",
            "value": "client_secret"
          },
          {
            "label": "Application with a certificate",
            "value": "certificate"
          },
          {
            "label": "Azure CLI (az login)",
            "value": "azure_cli"
          },
          {
            "label": "User, in the browser",
            "value": "browser"
          },
          {
            "label": "User, with a code on another device",
            "value": "device_code"
          },
          {
            "label": "An access token, for an hour",
            "value": "token"
          }
        ],
        "hint": "",
        "key": "sign_in",
        "label": "Sign in with",
        "only_when": null,
        "required": true,
        "usual": "client_secret"
      },
      {
        "choices": [],
        "hint": "Id or domain of the tenant",
        "key": "tenant",
        "label": "Tenant",
        "only_when": {
          "field": "sign_in",
          "is_one_of": [
            "client_secret",
            "certificate",
            "browser",
            "device_code"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "Application (client) id of the app registration",
        "key": "client_id",
        "label": "Application id",
        "only_when": {
          "field": "sign_in",
          "is_one_of": [
            "client_secret",
            "certificate",
            "browser",
            "device_code"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "Another one in sovereign clouds",
        "key": "authority",
        "label": "Sign-in host",
        "only_when": {
          "field": "sign_in",
          "is_one_of": [
            "client_secret",
            "certificate",
            "browser",
            "device_code"
          ]
        },
        "required": true,
        "usual": "https://login.microsoftonline.com"
      },
      {
        "choices": [
          {
            "label": "The same sign-in",
            "value": "sign_in"
          },
          {
            "label": "Key of the storage account",
            "value": "account_key"
          },
          {
            "label": "Connection string",
            "value": "connection_string"
          },
          {
            "label": "Signed address of the container (SAS)",
            "value": "sas"
          }
        ],
        "hint": "",
        "key": "storage_access",
        "label": "Access to the storage",
        "only_when": null,
        "required": true,
        "usual": "sign_in"
      },
      {
        "choices": [],
        "hint": "https://NAME.blob.core.windows.net",
        "key": "storage",
        "label": "Blob endpoint",
        "only_when": {
          "field": "storage_access",
          "is_one_of": [
            "sign_in",
            "account_key"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "",
        "key": "container",
        "label": "Container",
        "only_when": {
          "field": "storage_access",
          "is_one_of": [
            "sign_in",
            "account_key",
            "connection_string"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "",
        "key": "prefix",
        "label": "Folder in the container",
        "only_when": null,
        "required": false,
        "usual": null
      }
    ],
    "hint": "An instance of Device Update for IoT Hub, and the storage it imports from.",
    "host": {
      "choices": [],
      "hint": "https://NAME.api.adu.microsoft.com",
      "key": "host",
      "label": "Account endpoint",
      "only_when": null,
      "required": true,
      "usual": null
    },
    "kind": "adu",
    "secrets": [
      {
        "choices": [],
        "hint": "",
        "key": "client_secret",
        "label": "Client secret",
        "only_when": {
          "field": "sign_in",
          "is_one_of": [
            "client_secret"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "",
        "key": "certificate",
        "label": "Certificate and private key (PEM)",
        "only_when": {
          "field": "sign_in",
          "is_one_of": [
            "certificate"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "",
        "key": "access_token",
        "label": "Access token",
        "only_when": {
          "field": "sign_in",
          "is_one_of": [
            "token"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "",
        "key": "storage_key",
        "label": "Key of the storage account",
        "only_when": {
          "field": "storage_access",
          "is_one_of": [
            "account_key"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "",
        "key": "connection_string",
        "label": "Connection string",
        "only_when": {
          "field": "storage_access",
          "is_one_of": [
            "connection_string"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "",
        "key": "container_address",
        "label": "Address with write, create and read permissions",
        "only_when": {
          "field": "storage_access",
          "is_one_of": [
            "sas"
          ]
        },
        "required": true,
        "usual": null
      },
      {
        "choices": [],
        "hint": "",
        "key": "reading_address",
        "label": "Address with read permission only",
        "only_when": {
          "field": "storage_access",
          "is_one_of": [
            "sas"
          ]
        },
        "required": true,
        "usual": null
      }
    ],
    "title": "Azure Device Update"
  }
];

export const errorCodes: ErrorCode[] = [
  {
    "code": "FD-101",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file is empty"
  },
  {
    "code": "FD-102",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file changed while it was being read"
  },
  {
    "code": "FD-103",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file is not there"
  },
  {
    "code": "FD-105",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file may not be read"
  },
  {
    "code": "FD-106",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "This is not a file"
  },
  {
    "code": "FD-107",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file is damaged"
  },
  {
    "code": "FD-108",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file ends too early"
  },
  {
    "code": "FD-109",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file is too large"
  },
  {
    "code": "FD-110",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The archive asks for more than it should"
  },
  {
    "code": "FD-111",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file could not be read to its end"
  },
  {
    "code": "FD-112",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The file could not be downloaded"
  },
  {
    "code": "FD-113",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "Only https and http addresses can be fetched"
  },
  {
    "code": "FD-116",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "One source of the firmware is needed"
  },
  {
    "code": "FD-117",
    "family": "file",
    "family_title": "File and inspection",
    "meaning": "The file cannot be used as it is. Nothing was sent.",
    "title": "The text is not base64"
  },
  {
    "code": "FD-201",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "The image does not fit this destination"
  },
  {
    "code": "FD-202",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "A raw image needs its address"
  },
  {
    "code": "FD-203",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "The delivery needs a confirmation"
  },
  {
    "code": "FD-207",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "The name is too long"
  },
  {
    "code": "FD-208",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "There is no such destination"
  },
  {
    "code": "FD-209",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "An option does not exist for this destination"
  },
  {
    "code": "FD-210",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "The bench is not ready"
  },
  {
    "code": "FD-211",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "There is no image to recover the reader with"
  },
  {
    "code": "FD-212",
    "family": "fit",
    "family_title": "Fit and destination",
    "meaning": "The image and the destination do not go together as asked. Nothing was sent.",
    "title": "What was given cannot be used"
  },
  {
    "code": "FD-301",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader is not there"
  },
  {
    "code": "FD-302",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The port may not be opened"
  },
  {
    "code": "FD-303",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "Another program holds the port"
  },
  {
    "code": "FD-304",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader went away"
  },
  {
    "code": "FD-305",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader does not answer"
  },
  {
    "code": "FD-306",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader's response violates its protocol"
  },
  {
    "code": "FD-307",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader refused"
  },
  {
    "code": "FD-308",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader did not come back after its restart"
  },
  {
    "code": "FD-309",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader came back with its old image"
  },
  {
    "code": "FD-310",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader did not confirm the new image"
  },
  {
    "code": "FD-311",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "What the reader stored is not what was sent"
  },
  {
    "code": "FD-312",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The write was stopped"
  },
  {
    "code": "FD-313",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "Bluetooth cannot be used"
  },
  {
    "code": "FD-314",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "Another reader or program answers"
  },
  {
    "code": "FD-315",
    "family": "reader",
    "family_title": "Reader and its line",
    "meaning": "The reader or the connection to it failed. The job says what the reader runs now.",
    "title": "The reader cannot be restarted from here"
  },
  {
    "code": "FD-401",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The access key is not accepted"
  },
  {
    "code": "FD-402",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The host name was not found"
  },
  {
    "code": "FD-403",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The access key may not do this"
  },
  {
    "code": "FD-404",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The host cannot be reached"
  },
  {
    "code": "FD-405",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The host's certificate is not accepted"
  },
  {
    "code": "FD-406",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The host answered, but it is not this service"
  },
  {
    "code": "FD-407",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service failed"
  },
  {
    "code": "FD-408",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service refused the request"
  },
  {
    "code": "FD-409",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The upload job no longer exists"
  },
  {
    "code": "FD-410",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The proxy refused the connection"
  },
  {
    "code": "FD-412",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The name is already taken"
  },
  {
    "code": "FD-413",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service does not answer"
  },
  {
    "code": "FD-417",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "A chunk arrived damaged"
  },
  {
    "code": "FD-418",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The upload job does not hold the beginning of the file"
  },
  {
    "code": "FD-421",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The remote copy is not the file that was sent"
  },
  {
    "code": "FD-422",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service's answer cannot be read"
  },
  {
    "code": "FD-423",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The firmware image does not exist"
  },
  {
    "code": "FD-424",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service refused a body of this size"
  },
  {
    "code": "FD-425",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The firmware manifest does not exist"
  },
  {
    "code": "FD-426",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The device does not exist"
  },
  {
    "code": "FD-427",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The saved query does not exist"
  },
  {
    "code": "FD-428",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The device group does not exist"
  },
  {
    "code": "FD-431",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service asks to wait"
  },
  {
    "code": "FD-432",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The filter cannot be used"
  },
  {
    "code": "FD-433",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service has no numbers yet"
  },
  {
    "code": "FD-434",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service does not hold this"
  },
  {
    "code": "FD-435",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service already holds this"
  },
  {
    "code": "FD-436",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "A limit of the account is reached"
  },
  {
    "code": "FD-437",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The service did not accept the import"
  },
  {
    "code": "FD-441",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "There is no account of this name"
  },
  {
    "code": "FD-442",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "An account of this name exists"
  },
  {
    "code": "FD-443",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The account cannot be used as it is"
  },
  {
    "code": "FD-444",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The account has no access key"
  },
  {
    "code": "FD-445",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "The sign-in failed"
  },
  {
    "code": "FD-446",
    "family": "cloud",
    "family_title": "Cloud account and upload",
    "meaning": "The service, or the way there, refused. The job says what the service stores.",
    "title": "A sign-in is needed"
  },
  {
    "code": "FD-450",
    "family": "campaign",
    "family_title": "Campaigns and devices",
    "meaning": "The service refuses this for the campaign or its devices as they are now.",
    "title": "The campaign does not exist"
  },
  {
    "code": "FD-451",
    "family": "campaign",
    "family_title": "Campaigns and devices",
    "meaning": "The service refuses this for the campaign or its devices as they are now.",
    "title": "The campaign's phase does not allow this"
  },
  {
    "code": "FD-452",
    "family": "campaign",
    "family_title": "Campaigns and devices",
    "meaning": "The service refuses this for the campaign or its devices as they are now.",
    "title": "Only a draft can be changed"
  },
  {
    "code": "FD-453",
    "family": "campaign",
    "family_title": "Campaigns and devices",
    "meaning": "The service refuses this for the campaign or its devices as they are now.",
    "title": "The campaign is not ready to start"
  },
  {
    "code": "FD-454",
    "family": "campaign",
    "family_title": "Campaigns and devices",
    "meaning": "The service refuses this for the campaign or its devices as they are now.",
    "title": "A device is already in a campaign"
  },
  {
    "code": "FD-455",
    "family": "campaign",
    "family_title": "Campaigns and devices",
    "meaning": "The service refuses this for the campaign or its devices as they are now.",
    "title": "The campaign did not start"
  },
  {
    "code": "FD-456",
    "family": "campaign",
    "family_title": "Campaigns and devices",
    "meaning": "The service refuses this for the campaign or its devices as they are now.",
    "title": "The number of devices changed"
  },
  {
    "code": "FD-458",
    "family": "campaign",
    "family_title": "Campaigns and devices",
    "meaning": "The service refuses this for the campaign or its devices as they are now.",
    "title": "No device matches"
  },
  {
    "code": "FD-501",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "The manifest belongs to another image"
  },
  {
    "code": "FD-502",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "The signature does not belong to this manifest and key"
  },
  {
    "code": "FD-503",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "This is a development key"
  },
  {
    "code": "FD-504",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "The manifest cannot be read"
  },
  {
    "code": "FD-505",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "No manifest can be made from this"
  },
  {
    "code": "FD-506",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "The key cannot be read"
  },
  {
    "code": "FD-507",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "The version is not greater"
  },
  {
    "code": "FD-508",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "The manifest is too large"
  },
  {
    "code": "FD-509",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "A key of this name exists"
  },
  {
    "code": "FD-510",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "There is no key of this name"
  },
  {
    "code": "FD-511",
    "family": "manifest",
    "family_title": "Manifests and keys",
    "meaning": "The manifest or its key cannot be used. Devices would refuse it.",
    "title": "The certificate cannot be used"
  },
  {
    "code": "FD-811",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The disk is full"
  },
  {
    "code": "FD-812",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "Firmdrop's own folder cannot be written"
  },
  {
    "code": "FD-813",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The journal cannot be read"
  },
  {
    "code": "FD-814",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The system's key store refused"
  },
  {
    "code": "FD-815",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "There is no such job"
  },
  {
    "code": "FD-816",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "Another Firmdrop carries this job out"
  },
  {
    "code": "FD-817",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "This job cannot be resumed"
  },
  {
    "code": "FD-818",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The job is not in a state for this"
  },
  {
    "code": "FD-819",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The ledger's chain is broken"
  },
  {
    "code": "FD-820",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The file could not be written"
  },
  {
    "code": "FD-821",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "A step took too long"
  },
  {
    "code": "FD-822",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "This system has no key store"
  },
  {
    "code": "FD-823",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The ledger was not verified"
  },
  {
    "code": "FD-824",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "There is no such fix"
  },
  {
    "code": "FD-825",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The system was not changed"
  },
  {
    "code": "FD-826",
    "family": "computer",
    "family_title": "This computer",
    "meaning": "A disk, a key store or another program on this computer is in the way.",
    "title": "The demo world was not opened"
  },
  {
    "code": "FD-901",
    "family": "firmdrop",
    "family_title": "Firmdrop itself",
    "meaning": "A fault of ours. It stopped before harm; send the details to support.",
    "title": "Firmdrop found a contradiction and stopped"
  }
];

export const accounts: AccountView[] = [
  {
    "has_extra_ca": false,
    "host": "https://contoso.api.adu.microsoft.com",
    "id": "adu:contoso-blue",
    "key_storage": "key_store",
    "kind": "adu",
    "name": "contoso-blue",
    "production": false,
    "proxy": null,
    "simulated": false
  },
  {
    "has_extra_ca": false,
    "host": "http://127.0.0.1:41234",
    "id": "pelion:demo",
    "key_storage": "file",
    "kind": "pelion",
    "name": "demo",
    "production": false,
    "proxy": null,
    "simulated": true
  },
  {
    "has_extra_ca": false,
    "host": "http://127.0.0.1:41234",
    "id": "adu:demo",
    "key_storage": "file",
    "kind": "adu",
    "name": "demo",
    "production": false,
    "proxy": null,
    "simulated": true
  },
  {
    "has_extra_ca": false,
    "host": "https://api.eu-west-1.mbedcloud.com",
    "id": "pelion:production-eu",
    "key_storage": "key_store",
    "kind": "pelion",
    "name": "production-eu",
    "production": true,
    "proxy": null,
    "simulated": false
  },
  {
    "has_extra_ca": false,
    "host": "https://api.eu-west-1.mbedcloud.com",
    "id": "pelion:staging-eu",
    "key_storage": "key_store",
    "kind": "pelion",
    "name": "staging-eu",
    "production": false,
    "proxy": null,
    "simulated": false
  }
];

export const readers: ReaderView[] = [
  {
    "added": false,
    "destination": "smp+serial:/dev/ttyACM0",
    "job": null,
    "reader": {
      "access": {
        "access": "ready"
      },
      "address": {
        "address": "/dev/ttyACM0",
        "channel": "serial"
      },
      "channel": "serial",
      "id": "serial:/dev/ttyACM0",
      "name": "Gate reader 04",
      "place": "/dev/ttyACM0",
      "serial": "4E1A0700",
      "simulated": false
    },
    "target": {
      "buffers": [
        384,
        4
      ],
      "memory": [],
      "mode": "application",
      "product": null,
      "refuses_older": false,
      "reverts": true,
      "shows_memory": null,
      "slots": [
        {
          "active": true,
          "bootable": true,
          "confirmed": true,
          "hash": "a512fcc2871318e5f42d2f5b0f9a6b8bf0b13eddd52efd88f8ddb6794d51143e",
          "image": 0,
          "pending": false,
          "permanent": false,
          "slot": 0,
          "version": "2.4.0"
        }
      ],
      "usb": null,
      "version": "2.4.0"
    }
  },
  {
    "added": false,
    "destination": "smp+serial:/dev/ttyACM5",
    "job": null,
    "reader": {
      "access": {
        "access": "ready"
      },
      "address": {
        "address": "/dev/ttyACM5",
        "channel": "serial"
      },
      "channel": "serial",
      "id": "serial:/dev/ttyACM5",
      "name": "Gate reader 12",
      "place": "/dev/ttyACM5",
      "serial": "4E1A0701",
      "simulated": false
    },
    "target": {
      "buffers": [
        384,
        4
      ],
      "memory": [],
      "mode": "application",
      "product": null,
      "refuses_older": false,
      "reverts": true,
      "shows_memory": null,
      "slots": [
        {
          "active": true,
          "bootable": true,
          "confirmed": true,
          "hash": "e0b3827062aefb125046ca21dae537a72c0c54616294c16d03cb4b3518c6c378",
          "image": 0,
          "pending": false,
          "permanent": false,
          "slot": 0,
          "version": "2.5.0"
        }
      ],
      "usb": null,
      "version": "2.5.0"
    }
  },
  {
    "added": false,
    "destination": "smp+serial:/dev/ttyACM2",
    "job": null,
    "reader": {
      "access": {
        "access": "ready"
      },
      "address": {
        "address": "/dev/ttyACM2",
        "channel": "serial"
      },
      "channel": "serial",
      "id": "serial:/dev/ttyACM2",
      "name": "Gate reader 02",
      "place": "/dev/ttyACM2",
      "serial": "4E1A0702",
      "simulated": false
    },
    "target": {
      "buffers": [
        384,
        4
      ],
      "memory": [],
      "mode": "application",
      "product": null,
      "refuses_older": false,
      "reverts": true,
      "shows_memory": null,
      "slots": [
        {
          "active": true,
          "bootable": true,
          "confirmed": true,
          "hash": "a512fcc2871318e5f42d2f5b0f9a6b8bf0b13eddd52efd88f8ddb6794d51143e",
          "image": 0,
          "pending": false,
          "permanent": false,
          "slot": 0,
          "version": "2.4.0"
        }
      ],
      "usb": null,
      "version": "2.4.0"
    }
  },
  {
    "added": false,
    "destination": "smp+serial:/dev/ttyACM3",
    "job": null,
    "reader": {
      "access": {
        "access": "not_identified"
      },
      "address": {
        "address": "/dev/ttyACM3",
        "channel": "serial"
      },
      "channel": "serial",
      "id": "serial:/dev/ttyACM3",
      "name": "Gate reader 07",
      "place": "/dev/ttyACM3",
      "serial": "4E1A0703",
      "simulated": false
    },
    "target": null
  },
  {
    "added": false,
    "destination": "smp+serial:/dev/ttyUSB0",
    "job": null,
    "reader": {
      "access": {
        "access": "denied",
        "rule": "group dialout",
        "why": "The port belongs to the group dialout"
      },
      "address": {
        "address": "/dev/ttyUSB0",
        "channel": "serial"
      },
      "channel": "serial",
      "id": "serial:/dev/ttyUSB0",
      "name": "CP2104 bridge",
      "place": "/dev/ttyUSB0",
      "serial": "4E1A0704",
      "simulated": false
    },
    "target": null
  },
  {
    "added": false,
    "destination": "smp+serial:/dev/ttyACM4",
    "job": null,
    "reader": {
      "access": {
        "access": "gone"
      },
      "address": {
        "address": "/dev/ttyACM4",
        "channel": "serial"
      },
      "channel": "serial",
      "id": "serial:/dev/ttyACM4",
      "name": "Gate reader 05",
      "place": "/dev/ttyACM4",
      "serial": "4E1A0705",
      "simulated": false
    },
    "target": {
      "buffers": [
        384,
        4
      ],
      "memory": [],
      "mode": "application",
      "product": null,
      "refuses_older": false,
      "reverts": true,
      "shows_memory": null,
      "slots": [
        {
          "active": true,
          "bootable": true,
          "confirmed": true,
          "hash": "3140acb4d73e01eab3231b1f763559041c9c7142d12644e3412a5063cf328aef",
          "image": 0,
          "pending": false,
          "permanent": false,
          "slot": 0,
          "version": "2.4.1"
        }
      ],
      "usb": null,
      "version": "2.4.1"
    }
  },
  {
    "added": false,
    "destination": "smp+udp:192.168.16.40:1337",
    "job": null,
    "reader": {
      "access": {
        "access": "ready"
      },
      "address": {
        "address": "192.168.16.40:1337",
        "channel": "udp"
      },
      "channel": "network",
      "id": "udp:192.168.16.40:1337",
      "name": "Gate reader 11",
      "place": "192.168.16.40:1337",
      "serial": "4E1A0700",
      "simulated": false
    },
    "target": {
      "buffers": [
        384,
        4
      ],
      "memory": [],
      "mode": "application",
      "product": null,
      "refuses_older": false,
      "reverts": true,
      "shows_memory": null,
      "slots": [
        {
          "active": true,
          "bootable": true,
          "confirmed": true,
          "hash": "1d002d6a6b6bebf067d63565c9b2744b499b468edc6e609259f7944f48556289",
          "image": 0,
          "pending": false,
          "permanent": false,
          "slot": 0,
          "version": "2.3.8"
        }
      ],
      "usb": null,
      "version": "2.3.8"
    }
  },
  {
    "added": false,
    "destination": "smp+udp:192.168.16.225:1337",
    "job": null,
    "reader": {
      "access": {
        "access": "in_use",
        "by": "lane-control"
      },
      "address": {
        "address": "192.168.16.225:1337",
        "channel": "udp"
      },
      "channel": "network",
      "id": "udp:192.168.16.225:1337",
      "name": "SpringPark",
      "place": "192.168.16.225:1337",
      "serial": "4E1A0701",
      "simulated": false
    },
    "target": {
      "buffers": [
        384,
        4
      ],
      "memory": [],
      "mode": "application",
      "product": null,
      "refuses_older": false,
      "reverts": true,
      "shows_memory": null,
      "slots": [
        {
          "active": true,
          "bootable": true,
          "confirmed": true,
          "hash": "2928e93e152cd9814bba5ba92c84f00f2a0caa38d92121c5dc877a6b77d265f3",
          "image": 0,
          "pending": false,
          "permanent": false,
          "slot": 0,
          "version": "2.10.0"
        }
      ],
      "usb": null,
      "version": "2.10.0"
    }
  },
  {
    "added": false,
    "destination": "volume:/media/PUCK",
    "job": null,
    "reader": {
      "access": {
        "access": "not_identified"
      },
      "address": {
        "address": "/media/PUCK",
        "channel": "volume"
      },
      "channel": "usb",
      "id": "volume:/media/PUCK",
      "name": "Bootloader drive",
      "place": "/media/PUCK",
      "serial": "0240000032044e4500257009997b00386781000097969900",
      "simulated": true
    },
    "target": null
  },
  {
    "added": false,
    "destination": "sim:reader-1",
    "job": null,
    "reader": {
      "access": {
        "access": "not_identified"
      },
      "address": {
        "address": "reader-1",
        "channel": "sim"
      },
      "channel": "simulated",
      "id": "sim:reader-1",
      "name": "Demo reader 1",
      "place": "Simulated",
      "serial": null,
      "simulated": true
    },
    "target": null
  },
  {
    "added": false,
    "destination": "sim:reader-2",
    "job": null,
    "reader": {
      "access": {
        "access": "not_identified"
      },
      "address": {
        "address": "reader-2",
        "channel": "sim"
      },
      "channel": "simulated",
      "id": "sim:reader-2",
      "name": "Demo reader 2",
      "place": "Simulated",
      "serial": null,
      "simulated": true
    },
    "target": null
  },
  {
    "added": false,
    "destination": "sim:reader-3",
    "job": null,
    "reader": {
      "access": {
        "access": "ready"
      },
      "address": {
        "address": "reader-3",
        "channel": "sim"
      },
      "channel": "simulated",
      "id": "sim:reader-3",
      "name": "Demo reader 3",
      "place": "Simulated",
      "serial": null,
      "simulated": true
    },
    "target": {
      "buffers": [
        384,
        4
      ],
      "memory": [],
      "mode": "application",
      "product": null,
      "refuses_older": false,
      "reverts": true,
      "shows_memory": null,
      "slots": [
        {
          "active": true,
          "bootable": true,
          "confirmed": true,
          "hash": "e0c411d2b87915a954d76b1cb907c5e4f862e403e164371ada64e826f85b6860",
          "image": 0,
          "pending": false,
          "permanent": false,
          "slot": 0,
          "version": "1.0.0"
        }
      ],
      "usb": null,
      "version": "1.0.0"
    }
  }
];

export const verdicts: Record<"image" | "raw" | "damaged", Verdict> = {
  "damaged": {
    "advice": {
      "cause": "Bytes were changed after the file was made: by a bad copy, a transfer as text, or an editor.",
      "next_step": "Get the file from its source again; if it is the same there, ask who made it."
    },
    "destinations": [
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM0",
        "detail": "/dev/ttyACM0",
        "fit": {
          "verdict": "does_not_fit",
          "why": "The image is damaged: one of its own checks fails."
        },
        "group": "readers",
        "name": "Gate reader 04",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM5",
        "detail": "/dev/ttyACM5",
        "fit": {
          "verdict": "does_not_fit",
          "why": "The image is damaged: one of its own checks fails."
        },
        "group": "readers",
        "name": "Gate reader 12",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM2",
        "detail": "/dev/ttyACM2",
        "fit": {
          "verdict": "does_not_fit",
          "why": "The image is damaged: one of its own checks fails."
        },
        "group": "readers",
        "name": "Gate reader 02",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM3",
        "detail": "/dev/ttyACM3",
        "fit": {
          "verdict": "does_not_fit",
          "why": "The image is damaged: one of its own checks fails."
        },
        "group": "readers",
        "name": "Gate reader 07",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyUSB0",
        "detail": "/dev/ttyUSB0",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The port belongs to the group dialout"
        },
        "group": "readers",
        "name": "CP2104 bridge",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM4",
        "detail": "/dev/ttyACM4",
        "fit": {
          "verdict": "cannot_tell",
          "why": "It is not plugged in"
        },
        "group": "readers",
        "name": "Gate reader 05",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+udp:192.168.16.40:1337",
        "detail": "192.168.16.40:1337",
        "fit": {
          "verdict": "does_not_fit",
          "why": "The image is damaged: one of its own checks fails."
        },
        "group": "readers",
        "name": "Gate reader 11",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+udp:192.168.16.225:1337",
        "detail": "192.168.16.225:1337",
        "fit": {
          "verdict": "cannot_tell",
          "why": "Held by lane-control"
        },
        "group": "readers",
        "name": "SpringPark",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "volume:/media/PUCK",
        "detail": "/media/PUCK",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Drives of bootloaders take UF2, Intel HEX and raw files. The file is something else: MCUboot image."
        },
        "group": "readers",
        "name": "Bootloader drive",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-1",
        "detail": "Simulated",
        "fit": {
          "verdict": "does_not_fit",
          "why": "The image is damaged: one of its own checks fails."
        },
        "group": "readers",
        "name": "Demo reader 1",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-2",
        "detail": "Simulated",
        "fit": {
          "verdict": "does_not_fit",
          "why": "The image is damaged: one of its own checks fails."
        },
        "group": "readers",
        "name": "Demo reader 2",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-3",
        "detail": "Simulated",
        "fit": {
          "verdict": "does_not_fit",
          "why": "The image is damaged: one of its own checks fails."
        },
        "group": "readers",
        "name": "Demo reader 3",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "adu:contoso-blue",
        "detail": "https://contoso.api.adu.microsoft.com",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The file is damaged; it is stored only after that is confirmed"
        },
        "group": "clouds",
        "name": "contoso-blue",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "pelion:demo",
        "detail": "http://127.0.0.1:41234",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The file is damaged; it is stored only after that is confirmed"
        },
        "group": "clouds",
        "name": "demo",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "adu:demo",
        "detail": "http://127.0.0.1:41234",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The file is damaged; it is stored only after that is confirmed"
        },
        "group": "clouds",
        "name": "demo",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "pelion:production-eu",
        "detail": "https://api.eu-west-1.mbedcloud.com",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The file is damaged; it is stored only after that is confirmed"
        },
        "group": "clouds",
        "name": "production-eu",
        "production": true,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "pelion:staging-eu",
        "detail": "https://api.eu-west-1.mbedcloud.com",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The file is damaged; it is stored only after that is confirmed"
        },
        "group": "clouds",
        "name": "staging-eu",
        "production": false,
        "simulated": false
      }
    ],
    "file_name": "gate-reader-2.4.1.damaged.bin",
    "inspection": {
      "checks": [
        {
          "explanation": "Header and code lie inside the file",
          "name": "Sizes in the header",
          "result": "passed"
        },
        {
          "explanation": "3 entries, all complete",
          "name": "Image metadata (TLV)",
          "result": "passed"
        },
        {
          "explanation": "SHA-256 over the first 389,152 bytes is 1cbdf68aacabc6d6447c989a85e80c2cf3182524102dcd07204f1185a9dbcb80, the entry at byte 389,156 says a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "name": "Hash inside the image",
          "result": "failed"
        }
      ],
      "facts": [
        {
          "label": "Header size",
          "value": "32 bytes"
        },
        {
          "label": "Code size",
          "value": "389,120 bytes"
        },
        {
          "label": "Image hash",
          "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
        }
      ],
      "format": "mcuboot",
      "identity": {
        "product": null,
        "target": null,
        "version": "2.4.1+0"
      },
      "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
      "parts": [],
      "segments": [
        {
          "address": null,
          "length_bytes": 32,
          "name": "header"
        },
        {
          "address": null,
          "length_bytes": 389120,
          "name": "code"
        }
      ],
      "signature": {
        "algorithm": "ECDSA P-256",
        "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
        "kind": "present"
      },
      "size_bytes": 389302,
      "summary": "MCUboot image, version 2.4.1+0"
    },
    "integrity": "damaged",
    "path": "/srv/images/gate-reader-2.4.1.damaged.bin",
    "seconds": 0.1
  },
  "image": {
    "advice": null,
    "destinations": [
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM0",
        "detail": "/dev/ttyACM0",
        "fit": {
          "note": "2.4.0 → 2.4.1+0",
          "verdict": "fits"
        },
        "group": "readers",
        "name": "Gate reader 04",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [
          "downgrade"
        ],
        "destination": "smp+serial:/dev/ttyACM5",
        "detail": "/dev/ttyACM5",
        "fit": {
          "note": "2.5.0 → 2.4.1+0",
          "verdict": "fits"
        },
        "group": "readers",
        "name": "Gate reader 12",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM2",
        "detail": "/dev/ttyACM2",
        "fit": {
          "note": "2.4.0 → 2.4.1+0",
          "verdict": "fits"
        },
        "group": "readers",
        "name": "Gate reader 02",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM3",
        "detail": "/dev/ttyACM3",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The reader was not identified yet."
        },
        "group": "readers",
        "name": "Gate reader 07",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyUSB0",
        "detail": "/dev/ttyUSB0",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The port belongs to the group dialout"
        },
        "group": "readers",
        "name": "CP2104 bridge",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM4",
        "detail": "/dev/ttyACM4",
        "fit": {
          "verdict": "cannot_tell",
          "why": "It is not plugged in"
        },
        "group": "readers",
        "name": "Gate reader 05",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+udp:192.168.16.40:1337",
        "detail": "192.168.16.40:1337",
        "fit": {
          "note": "2.3.8 → 2.4.1+0",
          "verdict": "fits"
        },
        "group": "readers",
        "name": "Gate reader 11",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+udp:192.168.16.225:1337",
        "detail": "192.168.16.225:1337",
        "fit": {
          "verdict": "cannot_tell",
          "why": "Held by lane-control"
        },
        "group": "readers",
        "name": "SpringPark",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "volume:/media/PUCK",
        "detail": "/media/PUCK",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Drives of bootloaders take UF2, Intel HEX and raw files. The file is something else: MCUboot image."
        },
        "group": "readers",
        "name": "Bootloader drive",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-1",
        "detail": "Simulated",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The reader was not identified yet."
        },
        "group": "readers",
        "name": "Demo reader 1",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-2",
        "detail": "Simulated",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The reader was not identified yet."
        },
        "group": "readers",
        "name": "Demo reader 2",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-3",
        "detail": "Simulated",
        "fit": {
          "note": "1.0.0 → 2.4.1+0",
          "verdict": "fits"
        },
        "group": "readers",
        "name": "Demo reader 3",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "adu:contoso-blue",
        "detail": "https://contoso.api.adu.microsoft.com",
        "fit": {
          "note": "update with an import manifest",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "contoso-blue",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "pelion:demo",
        "detail": "http://127.0.0.1:41234",
        "fit": {
          "note": "new image",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "demo",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "adu:demo",
        "detail": "http://127.0.0.1:41234",
        "fit": {
          "note": "update with an import manifest",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "demo",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "pelion:production-eu",
        "detail": "https://api.eu-west-1.mbedcloud.com",
        "fit": {
          "note": "new image",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "production-eu",
        "production": true,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "pelion:staging-eu",
        "detail": "https://api.eu-west-1.mbedcloud.com",
        "fit": {
          "note": "new image",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "staging-eu",
        "production": false,
        "simulated": false
      }
    ],
    "file_name": "gate-reader-2.4.1.signed.bin",
    "inspection": {
      "checks": [
        {
          "explanation": "Header and code lie inside the file",
          "name": "Sizes in the header",
          "result": "passed"
        },
        {
          "explanation": "3 entries, all complete",
          "name": "Image metadata (TLV)",
          "result": "passed"
        },
        {
          "explanation": "SHA-256 over header, code and protected entries, recomputed here",
          "name": "Hash inside the image",
          "result": "passed"
        }
      ],
      "facts": [
        {
          "label": "Header size",
          "value": "32 bytes"
        },
        {
          "label": "Code size",
          "value": "389,120 bytes"
        },
        {
          "label": "Image hash",
          "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
        }
      ],
      "format": "mcuboot",
      "identity": {
        "product": null,
        "target": null,
        "version": "2.4.1+0"
      },
      "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
      "parts": [],
      "segments": [
        {
          "address": null,
          "length_bytes": 32,
          "name": "header"
        },
        {
          "address": null,
          "length_bytes": 389120,
          "name": "code"
        }
      ],
      "signature": {
        "algorithm": "ECDSA P-256",
        "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
        "kind": "present"
      },
      "size_bytes": 389302,
      "summary": "MCUboot image, version 2.4.1+0"
    },
    "integrity": "intact",
    "path": "/srv/images/gate-reader-2.4.1.signed.bin",
    "seconds": 0.1
  },
  "raw": {
    "advice": null,
    "destinations": [
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM0",
        "detail": "/dev/ttyACM0",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none."
        },
        "group": "readers",
        "name": "Gate reader 04",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM5",
        "detail": "/dev/ttyACM5",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none."
        },
        "group": "readers",
        "name": "Gate reader 12",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM2",
        "detail": "/dev/ttyACM2",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none."
        },
        "group": "readers",
        "name": "Gate reader 02",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM3",
        "detail": "/dev/ttyACM3",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none."
        },
        "group": "readers",
        "name": "Gate reader 07",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyUSB0",
        "detail": "/dev/ttyUSB0",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The port belongs to the group dialout"
        },
        "group": "readers",
        "name": "CP2104 bridge",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+serial:/dev/ttyACM4",
        "detail": "/dev/ttyACM4",
        "fit": {
          "verdict": "cannot_tell",
          "why": "It is not plugged in"
        },
        "group": "readers",
        "name": "Gate reader 05",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+udp:192.168.16.40:1337",
        "detail": "192.168.16.40:1337",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none."
        },
        "group": "readers",
        "name": "Gate reader 11",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "smp+udp:192.168.16.225:1337",
        "detail": "192.168.16.225:1337",
        "fit": {
          "verdict": "cannot_tell",
          "why": "Held by lane-control"
        },
        "group": "readers",
        "name": "SpringPark",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "volume:/media/PUCK",
        "detail": "/media/PUCK",
        "fit": {
          "verdict": "cannot_tell",
          "why": "The drive was not identified yet."
        },
        "group": "readers",
        "name": "Bootloader drive",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-1",
        "detail": "Simulated",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none."
        },
        "group": "readers",
        "name": "Demo reader 1",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-2",
        "detail": "Simulated",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none."
        },
        "group": "readers",
        "name": "Demo reader 2",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "sim:reader-3",
        "detail": "Simulated",
        "fit": {
          "verdict": "does_not_fit",
          "why": "Over SMP only MCUboot images are sent: readers list what they hold by the hash in the image's trailer, and this file has none."
        },
        "group": "readers",
        "name": "Demo reader 3",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "adu:contoso-blue",
        "detail": "https://contoso.api.adu.microsoft.com",
        "fit": {
          "note": "update with an import manifest",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "contoso-blue",
        "production": false,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "pelion:demo",
        "detail": "http://127.0.0.1:41234",
        "fit": {
          "note": "new image",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "demo",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "adu:demo",
        "detail": "http://127.0.0.1:41234",
        "fit": {
          "note": "update with an import manifest",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "demo",
        "production": false,
        "simulated": true
      },
      {
        "confirms": [],
        "destination": "pelion:production-eu",
        "detail": "https://api.eu-west-1.mbedcloud.com",
        "fit": {
          "note": "new image",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "production-eu",
        "production": true,
        "simulated": false
      },
      {
        "confirms": [],
        "destination": "pelion:staging-eu",
        "detail": "https://api.eu-west-1.mbedcloud.com",
        "fit": {
          "note": "new image",
          "verdict": "fits"
        },
        "group": "clouds",
        "name": "staging-eu",
        "production": false,
        "simulated": false
      }
    ],
    "file_name": "gate-reader-2.4.1.raw",
    "inspection": {
      "checks": [],
      "facts": [],
      "format": "raw",
      "identity": {
        "product": null,
        "target": null,
        "version": null
      },
      "image_hash": null,
      "parts": [],
      "segments": [
        {
          "address": null,
          "length_bytes": 4096,
          "name": "file"
        }
      ],
      "signature": {
        "kind": "not_possible"
      },
      "size_bytes": 4096,
      "summary": "No known header"
    },
    "integrity": "unknown",
    "path": "/srv/images/gate-reader-2.4.1.raw",
    "seconds": 0.1
  }
};

export const plans: Plan[] = [
  {
    "confirmations": [],
    "destination": {
      "address": "/dev/ttyACM0",
      "scheme": "smp+serial"
    },
    "destination_name": "Gate reader 04",
    "files": [
      {
        "expected": {
          "sha256": "d0e9151f92d38ae82cf676491baea3e0d64520c60b42610efd2ca2244b165fd2",
          "size_bytes": 389302
        },
        "file_name": "gate-reader-2.4.1.signed.bin",
        "identity": {
          "file_number": "0",
          "modified_ns": "0",
          "size_bytes": 389302
        },
        "inspection": {
          "checks": [
            {
              "explanation": "Header and code lie inside the file",
              "name": "Sizes in the header",
              "result": "passed"
            },
            {
              "explanation": "3 entries, all complete",
              "name": "Image metadata (TLV)",
              "result": "passed"
            },
            {
              "explanation": "SHA-256 over header, code and protected entries, recomputed here",
              "name": "Hash inside the image",
              "result": "passed"
            }
          ],
          "facts": [
            {
              "label": "Header size",
              "value": "32 bytes"
            },
            {
              "label": "Code size",
              "value": "389,120 bytes"
            },
            {
              "label": "Image hash",
              "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
            }
          ],
          "format": "mcuboot",
          "identity": {
            "product": null,
            "target": null,
            "version": "2.4.1+0"
          },
          "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "parts": [],
          "segments": [
            {
              "address": null,
              "length_bytes": 32,
              "name": "header"
            },
            {
              "address": null,
              "length_bytes": 389120,
              "name": "code"
            }
          ],
          "signature": {
            "algorithm": "ECDSA P-256",
            "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
            "kind": "present"
          },
          "size_bytes": 389302,
          "summary": "MCUboot image, version 2.4.1+0"
        },
        "path": "/srv/images/gate-reader-2.4.1.signed.bin"
      }
    ],
    "id": "smp+serial:/dev/ttyACM0",
    "if_stopped": "Before the restart the reader runs its old image. A resume first reads how much it holds.",
    "impact": "device_write",
    "options": {
      "address": null,
      "description": null,
      "name": null
    },
    "phases": [
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_file",
        "stall_seconds": 60,
        "title": "Check file",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "connect",
        "stall_seconds": 15,
        "title": "Connect",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 389302,
        "can_stop": true,
        "key": "upload",
        "stall_seconds": 90,
        "title": "Send the image",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": null
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_hash",
        "stall_seconds": 15,
        "title": "Compare stored hash",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "mark_for_test",
        "stall_seconds": 15,
        "title": "Set as test image",
        "undo": "Undo: set another image",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "restart",
        "stall_seconds": 15,
        "title": "Restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "find_again",
        "stall_seconds": 100,
        "title": "Wait for restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 20
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "confirm",
        "stall_seconds": 15,
        "title": "Confirm and compare",
        "undo": "Cannot be undone: the old image has to be sent again",
        "usual_seconds": 1
      }
    ],
    "production": false,
    "remote_name": null,
    "risks": [
      "The image in the reader's other slot is replaced, and the reader restarts.",
      "The reader restarts and is away for a few seconds, up to two minutes.",
      "Whether its bootloader accepts the image's signature shows only after the restart; if it does not, an application comes back with its old image."
    ],
    "save_before": {
      "save": "not_offered",
      "why": "What the reader holds cannot be saved first: SMP has no request that reads an image."
    },
    "simulated": false,
    "verified_by": "hash_after_restart",
    "verified_when": "The reader reports, after its restart, the hash of this image as the one it runs and has confirmed."
  },
  {
    "confirmations": [
      {
        "about": "downgrade",
        "consequence": "Older firmware may not read the settings of newer firmware, and its bootloader may refuse it.",
        "title": "Downgrade Gate reader 12 from 2.5.0 to 2.4.1+0"
      }
    ],
    "destination": {
      "address": "/dev/ttyACM5",
      "scheme": "smp+serial"
    },
    "destination_name": "Gate reader 12",
    "files": [
      {
        "expected": {
          "sha256": "d0e9151f92d38ae82cf676491baea3e0d64520c60b42610efd2ca2244b165fd2",
          "size_bytes": 389302
        },
        "file_name": "gate-reader-2.4.1.signed.bin",
        "identity": {
          "file_number": "0",
          "modified_ns": "0",
          "size_bytes": 389302
        },
        "inspection": {
          "checks": [
            {
              "explanation": "Header and code lie inside the file",
              "name": "Sizes in the header",
              "result": "passed"
            },
            {
              "explanation": "3 entries, all complete",
              "name": "Image metadata (TLV)",
              "result": "passed"
            },
            {
              "explanation": "SHA-256 over header, code and protected entries, recomputed here",
              "name": "Hash inside the image",
              "result": "passed"
            }
          ],
          "facts": [
            {
              "label": "Header size",
              "value": "32 bytes"
            },
            {
              "label": "Code size",
              "value": "389,120 bytes"
            },
            {
              "label": "Image hash",
              "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
            }
          ],
          "format": "mcuboot",
          "identity": {
            "product": null,
            "target": null,
            "version": "2.4.1+0"
          },
          "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "parts": [],
          "segments": [
            {
              "address": null,
              "length_bytes": 32,
              "name": "header"
            },
            {
              "address": null,
              "length_bytes": 389120,
              "name": "code"
            }
          ],
          "signature": {
            "algorithm": "ECDSA P-256",
            "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
            "kind": "present"
          },
          "size_bytes": 389302,
          "summary": "MCUboot image, version 2.4.1+0"
        },
        "path": "/srv/images/gate-reader-2.4.1.signed.bin"
      }
    ],
    "id": "smp+serial:/dev/ttyACM5",
    "if_stopped": "Before the restart the reader runs its old image. A resume first reads how much it holds.",
    "impact": "device_write",
    "options": {
      "address": null,
      "description": null,
      "name": null
    },
    "phases": [
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_file",
        "stall_seconds": 60,
        "title": "Check file",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "connect",
        "stall_seconds": 15,
        "title": "Connect",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 389302,
        "can_stop": true,
        "key": "upload",
        "stall_seconds": 90,
        "title": "Send the image",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": null
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_hash",
        "stall_seconds": 15,
        "title": "Compare stored hash",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "mark_for_test",
        "stall_seconds": 15,
        "title": "Set as test image",
        "undo": "Undo: set another image",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "restart",
        "stall_seconds": 15,
        "title": "Restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "find_again",
        "stall_seconds": 100,
        "title": "Wait for restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 20
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "confirm",
        "stall_seconds": 15,
        "title": "Confirm and compare",
        "undo": "Cannot be undone: the old image has to be sent again",
        "usual_seconds": 1
      }
    ],
    "production": false,
    "remote_name": null,
    "risks": [
      "The image in the reader's other slot is replaced, and the reader restarts.",
      "The reader restarts and is away for a few seconds, up to two minutes.",
      "Whether its bootloader accepts the image's signature shows only after the restart; if it does not, an application comes back with its old image."
    ],
    "save_before": {
      "save": "not_offered",
      "why": "What the reader holds cannot be saved first: SMP has no request that reads an image."
    },
    "simulated": false,
    "verified_by": "hash_after_restart",
    "verified_when": "The reader reports, after its restart, the hash of this image as the one it runs and has confirmed."
  },
  {
    "confirmations": [],
    "destination": {
      "address": "/dev/ttyACM2",
      "scheme": "smp+serial"
    },
    "destination_name": "Gate reader 02",
    "files": [
      {
        "expected": {
          "sha256": "d0e9151f92d38ae82cf676491baea3e0d64520c60b42610efd2ca2244b165fd2",
          "size_bytes": 389302
        },
        "file_name": "gate-reader-2.4.1.signed.bin",
        "identity": {
          "file_number": "0",
          "modified_ns": "0",
          "size_bytes": 389302
        },
        "inspection": {
          "checks": [
            {
              "explanation": "Header and code lie inside the file",
              "name": "Sizes in the header",
              "result": "passed"
            },
            {
              "explanation": "3 entries, all complete",
              "name": "Image metadata (TLV)",
              "result": "passed"
            },
            {
              "explanation": "SHA-256 over header, code and protected entries, recomputed here",
              "name": "Hash inside the image",
              "result": "passed"
            }
          ],
          "facts": [
            {
              "label": "Header size",
              "value": "32 bytes"
            },
            {
              "label": "Code size",
              "value": "389,120 bytes"
            },
            {
              "label": "Image hash",
              "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
            }
          ],
          "format": "mcuboot",
          "identity": {
            "product": null,
            "target": null,
            "version": "2.4.1+0"
          },
          "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "parts": [],
          "segments": [
            {
              "address": null,
              "length_bytes": 32,
              "name": "header"
            },
            {
              "address": null,
              "length_bytes": 389120,
              "name": "code"
            }
          ],
          "signature": {
            "algorithm": "ECDSA P-256",
            "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
            "kind": "present"
          },
          "size_bytes": 389302,
          "summary": "MCUboot image, version 2.4.1+0"
        },
        "path": "/srv/images/gate-reader-2.4.1.signed.bin"
      }
    ],
    "id": "smp+serial:/dev/ttyACM2",
    "if_stopped": "Before the restart the reader runs its old image. A resume first reads how much it holds.",
    "impact": "device_write",
    "options": {
      "address": null,
      "description": null,
      "name": null
    },
    "phases": [
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_file",
        "stall_seconds": 60,
        "title": "Check file",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "connect",
        "stall_seconds": 15,
        "title": "Connect",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 389302,
        "can_stop": true,
        "key": "upload",
        "stall_seconds": 90,
        "title": "Send the image",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": null
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_hash",
        "stall_seconds": 15,
        "title": "Compare stored hash",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "mark_for_test",
        "stall_seconds": 15,
        "title": "Set as test image",
        "undo": "Undo: set another image",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "restart",
        "stall_seconds": 15,
        "title": "Restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "find_again",
        "stall_seconds": 100,
        "title": "Wait for restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 20
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "confirm",
        "stall_seconds": 15,
        "title": "Confirm and compare",
        "undo": "Cannot be undone: the old image has to be sent again",
        "usual_seconds": 1
      }
    ],
    "production": false,
    "remote_name": null,
    "risks": [
      "The image in the reader's other slot is replaced, and the reader restarts.",
      "The reader restarts and is away for a few seconds, up to two minutes.",
      "Whether its bootloader accepts the image's signature shows only after the restart; if it does not, an application comes back with its old image."
    ],
    "save_before": {
      "save": "not_offered",
      "why": "What the reader holds cannot be saved first: SMP has no request that reads an image."
    },
    "simulated": false,
    "verified_by": "hash_after_restart",
    "verified_when": "The reader reports, after its restart, the hash of this image as the one it runs and has confirmed."
  },
  {
    "confirmations": [],
    "destination": {
      "address": "192.168.16.40:1337",
      "scheme": "smp+udp"
    },
    "destination_name": "Gate reader 11",
    "files": [
      {
        "expected": {
          "sha256": "d0e9151f92d38ae82cf676491baea3e0d64520c60b42610efd2ca2244b165fd2",
          "size_bytes": 389302
        },
        "file_name": "gate-reader-2.4.1.signed.bin",
        "identity": {
          "file_number": "0",
          "modified_ns": "0",
          "size_bytes": 389302
        },
        "inspection": {
          "checks": [
            {
              "explanation": "Header and code lie inside the file",
              "name": "Sizes in the header",
              "result": "passed"
            },
            {
              "explanation": "3 entries, all complete",
              "name": "Image metadata (TLV)",
              "result": "passed"
            },
            {
              "explanation": "SHA-256 over header, code and protected entries, recomputed here",
              "name": "Hash inside the image",
              "result": "passed"
            }
          ],
          "facts": [
            {
              "label": "Header size",
              "value": "32 bytes"
            },
            {
              "label": "Code size",
              "value": "389,120 bytes"
            },
            {
              "label": "Image hash",
              "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
            }
          ],
          "format": "mcuboot",
          "identity": {
            "product": null,
            "target": null,
            "version": "2.4.1+0"
          },
          "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "parts": [],
          "segments": [
            {
              "address": null,
              "length_bytes": 32,
              "name": "header"
            },
            {
              "address": null,
              "length_bytes": 389120,
              "name": "code"
            }
          ],
          "signature": {
            "algorithm": "ECDSA P-256",
            "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
            "kind": "present"
          },
          "size_bytes": 389302,
          "summary": "MCUboot image, version 2.4.1+0"
        },
        "path": "/srv/images/gate-reader-2.4.1.signed.bin"
      }
    ],
    "id": "smp+udp:192.168.16.40:1337",
    "if_stopped": "Before the restart the reader runs its old image. A resume first reads how much it holds.",
    "impact": "device_write",
    "options": {
      "address": null,
      "description": null,
      "name": null
    },
    "phases": [
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_file",
        "stall_seconds": 60,
        "title": "Check file",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "connect",
        "stall_seconds": 15,
        "title": "Connect",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 389302,
        "can_stop": true,
        "key": "upload",
        "stall_seconds": 90,
        "title": "Send the image",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": null
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_hash",
        "stall_seconds": 15,
        "title": "Compare stored hash",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "mark_for_test",
        "stall_seconds": 15,
        "title": "Set as test image",
        "undo": "Undo: set another image",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "restart",
        "stall_seconds": 15,
        "title": "Restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "find_again",
        "stall_seconds": 100,
        "title": "Wait for restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 20
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "confirm",
        "stall_seconds": 15,
        "title": "Confirm and compare",
        "undo": "Cannot be undone: the old image has to be sent again",
        "usual_seconds": 1
      }
    ],
    "production": false,
    "remote_name": null,
    "risks": [
      "The image in the reader's other slot is replaced, and the reader restarts.",
      "The reader restarts and is away for a few seconds, up to two minutes.",
      "Whether its bootloader accepts the image's signature shows only after the restart; if it does not, an application comes back with its old image."
    ],
    "save_before": {
      "save": "not_offered",
      "why": "What the reader holds cannot be saved first: SMP has no request that reads an image."
    },
    "simulated": false,
    "verified_by": "hash_after_restart",
    "verified_when": "The reader reports, after its restart, the hash of this image as the one it runs and has confirmed."
  },
  {
    "confirmations": [],
    "destination": {
      "address": "reader-3",
      "scheme": "sim"
    },
    "destination_name": "Demo reader 3",
    "files": [
      {
        "expected": {
          "sha256": "d0e9151f92d38ae82cf676491baea3e0d64520c60b42610efd2ca2244b165fd2",
          "size_bytes": 389302
        },
        "file_name": "gate-reader-2.4.1.signed.bin",
        "identity": {
          "file_number": "0",
          "modified_ns": "0",
          "size_bytes": 389302
        },
        "inspection": {
          "checks": [
            {
              "explanation": "Header and code lie inside the file",
              "name": "Sizes in the header",
              "result": "passed"
            },
            {
              "explanation": "3 entries, all complete",
              "name": "Image metadata (TLV)",
              "result": "passed"
            },
            {
              "explanation": "SHA-256 over header, code and protected entries, recomputed here",
              "name": "Hash inside the image",
              "result": "passed"
            }
          ],
          "facts": [
            {
              "label": "Header size",
              "value": "32 bytes"
            },
            {
              "label": "Code size",
              "value": "389,120 bytes"
            },
            {
              "label": "Image hash",
              "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
            }
          ],
          "format": "mcuboot",
          "identity": {
            "product": null,
            "target": null,
            "version": "2.4.1+0"
          },
          "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "parts": [],
          "segments": [
            {
              "address": null,
              "length_bytes": 32,
              "name": "header"
            },
            {
              "address": null,
              "length_bytes": 389120,
              "name": "code"
            }
          ],
          "signature": {
            "algorithm": "ECDSA P-256",
            "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
            "kind": "present"
          },
          "size_bytes": 389302,
          "summary": "MCUboot image, version 2.4.1+0"
        },
        "path": "/srv/images/gate-reader-2.4.1.signed.bin"
      }
    ],
    "id": "sim:reader-3",
    "if_stopped": "Before the restart the reader runs its old image. A resume first reads how much it holds.",
    "impact": "device_write",
    "options": {
      "address": null,
      "description": null,
      "name": null
    },
    "phases": [
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_file",
        "stall_seconds": 60,
        "title": "Check file",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "connect",
        "stall_seconds": 15,
        "title": "Connect",
        "undo": "Nothing to undo",
        "usual_seconds": 1
      },
      {
        "bytes": 389302,
        "can_stop": true,
        "key": "upload",
        "stall_seconds": 90,
        "title": "Send the image",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": null
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_hash",
        "stall_seconds": 15,
        "title": "Compare stored hash",
        "undo": "Nothing to undo: the running image is not touched",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "mark_for_test",
        "stall_seconds": 15,
        "title": "Set as test image",
        "undo": "Undo: set another image",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "restart",
        "stall_seconds": 15,
        "title": "Restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 1
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "find_again",
        "stall_seconds": 100,
        "title": "Wait for restart",
        "undo": "The reader reverts to its old image at its next restart, until the new one is confirmed",
        "usual_seconds": 20
      },
      {
        "bytes": 0,
        "can_stop": false,
        "key": "confirm",
        "stall_seconds": 15,
        "title": "Confirm and compare",
        "undo": "Cannot be undone: the old image has to be sent again",
        "usual_seconds": 1
      }
    ],
    "production": false,
    "remote_name": null,
    "risks": [
      "The image in the reader's other slot is replaced, and the reader restarts.",
      "The reader restarts and is away for a few seconds, up to two minutes.",
      "Whether its bootloader accepts the image's signature shows only after the restart; if it does not, an application comes back with its old image."
    ],
    "save_before": {
      "save": "not_offered",
      "why": "What the reader holds cannot be saved first: SMP has no request that reads an image."
    },
    "simulated": true,
    "verified_by": "hash_after_restart",
    "verified_when": "The reader reports, after its restart, the hash of this image as the one it runs and has confirmed."
  },
  {
    "confirmations": [],
    "destination": {
      "address": "demo",
      "scheme": "pelion"
    },
    "destination_name": "demo",
    "files": [
      {
        "expected": {
          "sha256": "d0e9151f92d38ae82cf676491baea3e0d64520c60b42610efd2ca2244b165fd2",
          "size_bytes": 389302
        },
        "file_name": "gate-reader-2.4.1.signed.bin",
        "identity": {
          "file_number": "0",
          "modified_ns": "0",
          "size_bytes": 389302
        },
        "inspection": {
          "checks": [
            {
              "explanation": "Header and code lie inside the file",
              "name": "Sizes in the header",
              "result": "passed"
            },
            {
              "explanation": "3 entries, all complete",
              "name": "Image metadata (TLV)",
              "result": "passed"
            },
            {
              "explanation": "SHA-256 over header, code and protected entries, recomputed here",
              "name": "Hash inside the image",
              "result": "passed"
            }
          ],
          "facts": [
            {
              "label": "Header size",
              "value": "32 bytes"
            },
            {
              "label": "Code size",
              "value": "389,120 bytes"
            },
            {
              "label": "Image hash",
              "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
            }
          ],
          "format": "mcuboot",
          "identity": {
            "product": null,
            "target": null,
            "version": "2.4.1+0"
          },
          "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "parts": [],
          "segments": [
            {
              "address": null,
              "length_bytes": 32,
              "name": "header"
            },
            {
              "address": null,
              "length_bytes": 389120,
              "name": "code"
            }
          ],
          "signature": {
            "algorithm": "ECDSA P-256",
            "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
            "kind": "present"
          },
          "size_bytes": 389302,
          "summary": "MCUboot image, version 2.4.1+0"
        },
        "path": "/srv/images/gate-reader-2.4.1.signed.bin"
      }
    ],
    "id": "pelion:demo",
    "if_stopped": "The service stores the whole image or nothing of it. A resume checks which before it sends.",
    "impact": "upload",
    "options": {
      "address": null,
      "description": null,
      "name": null
    },
    "phases": [
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_file",
        "stall_seconds": 30,
        "title": "Check file",
        "undo": "Nothing to undo",
        "usual_seconds": 2
      },
      {
        "bytes": 389302,
        "can_stop": true,
        "key": "send_body",
        "stall_seconds": 30,
        "title": "Send file",
        "undo": "Undo: delete what arrived",
        "usual_seconds": null
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "compare",
        "stall_seconds": 30,
        "title": "Compare copy",
        "undo": "Nothing to undo",
        "usual_seconds": 2
      }
    ],
    "production": false,
    "remote_name": "gate-reader-2.4.1.signed.bin",
    "risks": [
      "The name must be free in the account. If it is not, nothing is sent.",
      "If the connection breaks before the response, the name is looked up at the service before anything is sent again."
    ],
    "save_before": null,
    "simulated": true,
    "verified_by": "remote_size_and_sha256",
    "verified_when": "The remote copy has 389,302 bytes and the SHA-256 d0e9…5fd2."
  },
  {
    "confirmations": [
      {
        "about": "production",
        "consequence": "https://api.eu-west-1.mbedcloud.com is marked as production.",
        "title": "Deliver to production: production-eu"
      }
    ],
    "destination": {
      "address": "production-eu",
      "scheme": "pelion"
    },
    "destination_name": "production-eu",
    "files": [
      {
        "expected": {
          "sha256": "d0e9151f92d38ae82cf676491baea3e0d64520c60b42610efd2ca2244b165fd2",
          "size_bytes": 389302
        },
        "file_name": "gate-reader-2.4.1.signed.bin",
        "identity": {
          "file_number": "0",
          "modified_ns": "0",
          "size_bytes": 389302
        },
        "inspection": {
          "checks": [
            {
              "explanation": "Header and code lie inside the file",
              "name": "Sizes in the header",
              "result": "passed"
            },
            {
              "explanation": "3 entries, all complete",
              "name": "Image metadata (TLV)",
              "result": "passed"
            },
            {
              "explanation": "SHA-256 over header, code and protected entries, recomputed here",
              "name": "Hash inside the image",
              "result": "passed"
            }
          ],
          "facts": [
            {
              "label": "Header size",
              "value": "32 bytes"
            },
            {
              "label": "Code size",
              "value": "389,120 bytes"
            },
            {
              "label": "Image hash",
              "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
            }
          ],
          "format": "mcuboot",
          "identity": {
            "product": null,
            "target": null,
            "version": "2.4.1+0"
          },
          "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "parts": [],
          "segments": [
            {
              "address": null,
              "length_bytes": 32,
              "name": "header"
            },
            {
              "address": null,
              "length_bytes": 389120,
              "name": "code"
            }
          ],
          "signature": {
            "algorithm": "ECDSA P-256",
            "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
            "kind": "present"
          },
          "size_bytes": 389302,
          "summary": "MCUboot image, version 2.4.1+0"
        },
        "path": "/srv/images/gate-reader-2.4.1.signed.bin"
      }
    ],
    "id": "pelion:production-eu",
    "if_stopped": "The service stores the whole image or nothing of it. A resume checks which before it sends.",
    "impact": "upload",
    "options": {
      "address": null,
      "description": null,
      "name": null
    },
    "phases": [
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_file",
        "stall_seconds": 30,
        "title": "Check file",
        "undo": "Nothing to undo",
        "usual_seconds": 2
      },
      {
        "bytes": 389302,
        "can_stop": true,
        "key": "send_body",
        "stall_seconds": 30,
        "title": "Send file",
        "undo": "Undo: delete what arrived",
        "usual_seconds": null
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "compare",
        "stall_seconds": 30,
        "title": "Compare copy",
        "undo": "Nothing to undo",
        "usual_seconds": 2
      }
    ],
    "production": true,
    "remote_name": "gate-reader-2.4.1.signed.bin",
    "risks": [
      "The name must be free in the account. If it is not, nothing is sent.",
      "If the connection breaks before the response, the name is looked up at the service before anything is sent again."
    ],
    "save_before": null,
    "simulated": false,
    "verified_by": "remote_size_and_sha256",
    "verified_when": "The remote copy has 389,302 bytes and the SHA-256 d0e9…5fd2."
  },
  {
    "confirmations": [],
    "destination": {
      "address": "staging-eu",
      "scheme": "pelion"
    },
    "destination_name": "staging-eu",
    "files": [
      {
        "expected": {
          "sha256": "d0e9151f92d38ae82cf676491baea3e0d64520c60b42610efd2ca2244b165fd2",
          "size_bytes": 389302
        },
        "file_name": "gate-reader-2.4.1.signed.bin",
        "identity": {
          "file_number": "0",
          "modified_ns": "0",
          "size_bytes": 389302
        },
        "inspection": {
          "checks": [
            {
              "explanation": "Header and code lie inside the file",
              "name": "Sizes in the header",
              "result": "passed"
            },
            {
              "explanation": "3 entries, all complete",
              "name": "Image metadata (TLV)",
              "result": "passed"
            },
            {
              "explanation": "SHA-256 over header, code and protected entries, recomputed here",
              "name": "Hash inside the image",
              "result": "passed"
            }
          ],
          "facts": [
            {
              "label": "Header size",
              "value": "32 bytes"
            },
            {
              "label": "Code size",
              "value": "389,120 bytes"
            },
            {
              "label": "Image hash",
              "value": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b"
            }
          ],
          "format": "mcuboot",
          "identity": {
            "product": null,
            "target": null,
            "version": "2.4.1+0"
          },
          "image_hash": "a2ff5ecc02aa4730bf652cc2f9787415501de3c0ecbe1c74b24b268e1457a19b",
          "parts": [],
          "segments": [
            {
              "address": null,
              "length_bytes": 32,
              "name": "header"
            },
            {
              "address": null,
              "length_bytes": 389120,
              "name": "code"
            }
          ],
          "signature": {
            "algorithm": "ECDSA P-256",
            "key_hash": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
            "kind": "present"
          },
          "size_bytes": 389302,
          "summary": "MCUboot image, version 2.4.1+0"
        },
        "path": "/srv/images/gate-reader-2.4.1.signed.bin"
      }
    ],
    "id": "pelion:staging-eu",
    "if_stopped": "The service stores the whole image or nothing of it. A resume checks which before it sends.",
    "impact": "upload",
    "options": {
      "address": null,
      "description": null,
      "name": null
    },
    "phases": [
      {
        "bytes": 0,
        "can_stop": true,
        "key": "check_file",
        "stall_seconds": 30,
        "title": "Check file",
        "undo": "Nothing to undo",
        "usual_seconds": 2
      },
      {
        "bytes": 389302,
        "can_stop": true,
        "key": "send_body",
        "stall_seconds": 30,
        "title": "Send file",
        "undo": "Undo: delete what arrived",
        "usual_seconds": null
      },
      {
        "bytes": 0,
        "can_stop": true,
        "key": "compare",
        "stall_seconds": 30,
        "title": "Compare copy",
        "undo": "Nothing to undo",
        "usual_seconds": 2
      }
    ],
    "production": false,
    "remote_name": "gate-reader-2.4.1.signed.bin",
    "risks": [
      "The name must be free in the account. If it is not, nothing is sent.",
      "If the connection breaks before the response, the name is looked up at the service before anything is sent again."
    ],
    "save_before": null,
    "simulated": false,
    "verified_by": "remote_size_and_sha256",
    "verified_when": "The remote copy has 389,302 bytes and the SHA-256 d0e9…5fd2."
  }
];

export const largePlan: Plan = {
  "confirmations": [],
  "destination": {
    "address": "demo",
    "scheme": "pelion"
  },
  "destination_name": "demo",
  "files": [
    {
      "expected": {
        "sha256": "5c4fb902a2d45300919e27920c96fa090d0a3e42f7ee8e778ca852a30a2905b2",
        "size_bytes": 125829120
      },
      "file_name": "gateway-6.9.0.img",
      "identity": {
        "file_number": "0",
        "modified_ns": "0",
        "size_bytes": 125829120
      },
      "inspection": {
        "checks": [],
        "facts": [
          {
            "label": "Beginning",
            "value": "the first 4,096 bytes are all 00"
          }
        ],
        "format": "raw",
        "identity": {
          "product": null,
          "target": null,
          "version": null
        },
        "image_hash": null,
        "parts": [],
        "segments": [
          {
            "address": null,
            "length_bytes": 125829120,
            "name": "file"
          }
        ],
        "signature": {
          "kind": "not_possible"
        },
        "size_bytes": 125829120,
        "summary": "No known header"
      },
      "path": "/srv/images/gateway-6.9.0.img"
    }
  ],
  "id": "pelion:demo",
  "if_stopped": "The service holds the chunks it confirmed. A resume continues with the next one.",
  "impact": "upload",
  "options": {
    "address": null,
    "description": null,
    "name": null
  },
  "phases": [
    {
      "bytes": 0,
      "can_stop": true,
      "key": "check_file",
      "stall_seconds": 30,
      "title": "Check file",
      "undo": "Nothing to undo",
      "usual_seconds": 2
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "create_job",
      "stall_seconds": 30,
      "title": "Create job",
      "undo": "Undo: delete the upload job",
      "usual_seconds": 2
    },
    {
      "bytes": 125829120,
      "can_stop": true,
      "key": "send_chunks",
      "stall_seconds": 30,
      "title": "Send chunks",
      "undo": "Undo: delete the upload job",
      "usual_seconds": null
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "finish",
      "stall_seconds": 30,
      "title": "Finish",
      "undo": "Undo: delete the firmware image",
      "usual_seconds": 2
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "compare",
      "stall_seconds": 30,
      "title": "Compare copy",
      "undo": "Nothing to undo",
      "usual_seconds": 2
    }
  ],
  "production": false,
  "remote_name": "gateway-6.9.0.img",
  "risks": [
    "The name must be free in the account. If it is not, nothing is sent.",
    "If the connection breaks, the service holds the chunks it confirmed, and the upload continues with the next one."
  ],
  "save_before": null,
  "simulated": true,
  "verified_by": "remote_size_and_sha256",
  "verified_when": "The remote copy has 125,829,120 bytes and the SHA-256 5c4f…05b2."
};

export const importPlan: Plan & { import: unknown } = {
  "confirmations": [],
  "destination": {
    "address": "demo",
    "scheme": "adu"
  },
  "destination_name": "demo",
  "files": [
    {
      "expected": {
        "sha256": "306c6ca7407560340797866e077e053627ad409277d1b9da58106fce4cf717cb",
        "size_bytes": 17
      },
      "file_name": "install.sh",
      "identity": {
        "file_number": "0",
        "modified_ns": "0",
        "size_bytes": 17
      },
      "inspection": {
        "checks": [],
        "facts": [],
        "format": "named",
        "identity": {
          "product": null,
          "target": null,
          "version": null
        },
        "image_hash": null,
        "parts": [],
        "segments": [],
        "signature": {
          "kind": "not_possible"
        },
        "size_bytes": 17,
        "summary": "Text in no known firmware format"
      },
      "path": "/srv/images/install.sh"
    },
    {
      "expected": {
        "sha256": "12a1b1e0325e97fd95bd0422ab770ad1bdc1ff78238c47344c8d0277bb9a47cf",
        "size_bytes": 675
      },
      "file_name": "contoso.door.3.2.0.importmanifest.json",
      "identity": {
        "file_number": "0",
        "modified_ns": "0",
        "size_bytes": 675
      },
      "inspection": {
        "checks": [],
        "facts": [
          {
            "label": "Looks like",
            "value": "a settings file or the answer of a service, not the firmware itself"
          }
        ],
        "format": "page",
        "identity": {
          "product": null,
          "target": null,
          "version": null
        },
        "image_hash": null,
        "parts": [],
        "segments": [],
        "signature": {
          "kind": "not_possible"
        },
        "size_bytes": 675,
        "summary": "JSON document, no firmware"
      },
      "path": "/srv/firmdrop/import-manifests/12a1…47cf/contoso.door.3.2.0.importmanifest.json"
    }
  ],
  "id": "adu:demo",
  "if_stopped": "What is stored in the container stays until the job is resumed or cancelled. An import that was accepted continues with the service.",
  "impact": "upload",
  "import": {
    "deployment": null,
    "updates": [
      {
        "compatibility": [
          {
            "manufacturer": "contoso",
            "model": "door"
          }
        ],
        "files": [
          {
            "file": 0,
            "name": "install.sh"
          }
        ],
        "friendly_name": null,
        "id": {
          "name": "door",
          "provider": "contoso",
          "version": "3.2.0"
        },
        "manifest": "{\n  \"compatibility\": [\n    {\n      \"manufacturer\": \"contoso\",\n      \"model\": \"door\"\n    }\n  ],\n  \"createdDateTime\": \"2026-03-01T12:00:00Z\",\n  \"files\": [\n    {\n      \"filename\": \"install.sh\",\n      \"hashes\": {\n        \"sha256\": \"MGxsp0B1YDQHl4ZuB34FNietQJJ30bnaWBBvzkz3F8s=\"\n      },\n      \"sizeInBytes\": 17\n    }\n  ],\n  \"instructions\": {\n    \"steps\": [\n      {\n        \"files\": [\n          \"install.sh\"\n        ],\n        \"handler\": \"microsoft/script:1\",\n        \"handlerProperties\": {\n          \"scriptFileName\": \"install.sh\"\n        }\n      }\n    ]\n  },\n  \"manifestVersion\": \"5.0\",\n  \"updateId\": {\n    \"name\": \"door\",\n    \"provider\": \"contoso\",\n    \"version\": \"3.2.0\"\n  }\n}",
        "manifest_name": "contoso.door.3.2.0.importmanifest.json",
        "warnings": []
      }
    ]
  },
  "options": {
    "address": null,
    "description": null,
    "name": null
  },
  "phases": [
    {
      "bytes": 0,
      "can_stop": true,
      "key": "check_file",
      "stall_seconds": 60,
      "title": "Check file",
      "undo": "Nothing to undo",
      "usual_seconds": 1
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "check_update",
      "stall_seconds": 40,
      "title": "Check the version",
      "undo": "Nothing to undo",
      "usual_seconds": 1
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "check_storage",
      "stall_seconds": 40,
      "title": "Check storage access",
      "undo": "Nothing to undo",
      "usual_seconds": 1
    },
    {
      "bytes": 692,
      "can_stop": true,
      "key": "stage_files",
      "stall_seconds": 40,
      "title": "Store the files",
      "undo": "Undo: delete the stored files",
      "usual_seconds": null
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "sign_addresses",
      "stall_seconds": 40,
      "title": "Sign read-only links",
      "undo": "Nothing to undo: the links expire",
      "usual_seconds": 1
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "import",
      "stall_seconds": 40,
      "title": "Request the import",
      "undo": "Undo: delete the update",
      "usual_seconds": 2
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "watch_import",
      "stall_seconds": 900,
      "title": "Wait for the import",
      "undo": "Undo: delete the update",
      "usual_seconds": 180
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "compare",
      "stall_seconds": 40,
      "title": "Compare sizes and SHA-256",
      "undo": "Nothing to undo",
      "usual_seconds": 2
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "clean_up",
      "stall_seconds": 40,
      "title": "Delete the staged files",
      "undo": "Nothing to undo",
      "usual_seconds": 2
    }
  ],
  "production": false,
  "remote_name": "contoso/door/3.2.0",
  "risks": [
    "A version is imported once and never changes: new files need a new version.",
    "The files are stored in the container updates, readable by signed addresses for eight hours, and deleted afterwards."
  ],
  "save_before": null,
  "simulated": true,
  "verified_by": "remote_size_and_sha256",
  "verified_when": "The service reports the size and SHA-256 of the file, 17 bytes."
};
