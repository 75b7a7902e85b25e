/** Generated from the answers of the program. Never edited: UPDATE_BINDINGS=1 cargo test -p firmdrop fixtures */
import type { AccountForm, ErrorCode, Inspection, Plan, ReaderView } from "../src/ipc/bindings";

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
    "title": "The service holds chunks that are not of this file"
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
    "code": "FD-901",
    "family": "firmdrop",
    "family_title": "Firmdrop itself",
    "meaning": "A fault of ours. It stopped before harm; send the details to support.",
    "title": "Firmdrop found a contradiction and stopped"
  }
];

export const inspection: Inspection = {
  "checks": [
    {
      "explanation": "Header and code lie inside the file",
      "name": "Sizes in the header",
      "result": "passed"
    },
    {
      "explanation": "One entry, inside its area",
      "name": "Type-length-value areas",
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
      "value": "393,216 bytes"
    },
    {
      "label": "Image hash",
      "value": "7ebde231353eaca51ba40c0040f18ab601c236d81e84e0de78f728b6f890fada"
    }
  ],
  "format": "mcuboot",
  "identity": {
    "product": null,
    "target": null,
    "version": "1.1.0+0"
  },
  "image_hash": "7ebde231353eaca51ba40c0040f18ab601c236d81e84e0de78f728b6f890fada",
  "segments": [
    {
      "address": null,
      "length_bytes": 32,
      "name": "header"
    },
    {
      "address": null,
      "length_bytes": 393216,
      "name": "code"
    }
  ],
  "signature": {
    "kind": "absent"
  },
  "size_bytes": 393288,
  "summary": "MCUboot image, version 1.1.0+0"
};

export const readerPlan: Plan = {
  "confirmations": [
    {
      "about": "unsigned",
      "consequence": "Nothing proves who built it. A bootloader that requires a signature refuses it.",
      "title": "Deliver an image without a signature"
    }
  ],
  "destination": {
    "address": "reader-1",
    "scheme": "sim"
  },
  "destination_name": "Demo reader 1",
  "files": [
    {
      "expected": {
        "sha256": "33d664a79e8e9fce3366fd7e2edec656d437d903c4b74d887c6a37350302c497",
        "size_bytes": 393288
      },
      "file_name": "demo-reader-1.1.0.bin",
      "identity": {
        "file_number": "0",
        "modified_ns": "0",
        "size_bytes": 393288
      },
      "inspection": {
        "checks": [
          {
            "explanation": "Header and code lie inside the file",
            "name": "Sizes in the header",
            "result": "passed"
          },
          {
            "explanation": "One entry, inside its area",
            "name": "Type-length-value areas",
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
            "value": "393,216 bytes"
          },
          {
            "label": "Image hash",
            "value": "7ebde231353eaca51ba40c0040f18ab601c236d81e84e0de78f728b6f890fada"
          }
        ],
        "format": "mcuboot",
        "identity": {
          "product": null,
          "target": null,
          "version": "1.1.0+0"
        },
        "image_hash": "7ebde231353eaca51ba40c0040f18ab601c236d81e84e0de78f728b6f890fada",
        "segments": [
          {
            "address": null,
            "length_bytes": 32,
            "name": "header"
          },
          {
            "address": null,
            "length_bytes": 393216,
            "name": "code"
          }
        ],
        "signature": {
          "kind": "absent"
        },
        "size_bytes": 393288,
        "summary": "MCUboot image, version 1.1.0+0"
      },
      "path": "/srv/demo/demo-reader-2.4.1.signed.bin"
    }
  ],
  "id": "reader",
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
      "bytes": 393288,
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
      "undo": "Yes: another image can be set instead",
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
      "undo": "No: the old image has to be sent again",
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
  "simulated": true,
  "verified_when": "The reader reports, after its restart, the hash of this image as the one it runs and has confirmed."
};

export const cloudPlan: Plan = {
  "confirmations": [
    {
      "about": "unsigned",
      "consequence": "Nothing proves who built it. A bootloader that requires a signature refuses it.",
      "title": "Deliver an image without a signature"
    }
  ],
  "destination": {
    "address": "demo",
    "scheme": "pelion"
  },
  "destination_name": "demo",
  "files": [
    {
      "expected": {
        "sha256": "33d664a79e8e9fce3366fd7e2edec656d437d903c4b74d887c6a37350302c497",
        "size_bytes": 393288
      },
      "file_name": "demo-reader-1.1.0.bin",
      "identity": {
        "file_number": "0",
        "modified_ns": "0",
        "size_bytes": 393288
      },
      "inspection": {
        "checks": [
          {
            "explanation": "Header and code lie inside the file",
            "name": "Sizes in the header",
            "result": "passed"
          },
          {
            "explanation": "One entry, inside its area",
            "name": "Type-length-value areas",
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
            "value": "393,216 bytes"
          },
          {
            "label": "Image hash",
            "value": "7ebde231353eaca51ba40c0040f18ab601c236d81e84e0de78f728b6f890fada"
          }
        ],
        "format": "mcuboot",
        "identity": {
          "product": null,
          "target": null,
          "version": "1.1.0+0"
        },
        "image_hash": "7ebde231353eaca51ba40c0040f18ab601c236d81e84e0de78f728b6f890fada",
        "segments": [
          {
            "address": null,
            "length_bytes": 32,
            "name": "header"
          },
          {
            "address": null,
            "length_bytes": 393216,
            "name": "code"
          }
        ],
        "signature": {
          "kind": "absent"
        },
        "size_bytes": 393288,
        "summary": "MCUboot image, version 1.1.0+0"
      },
      "path": "/srv/demo/demo-reader-2.4.1.signed.bin"
    }
  ],
  "id": "cloud",
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
      "undo": "Nothing is changed",
      "usual_seconds": 2
    },
    {
      "bytes": 393288,
      "can_stop": true,
      "key": "send_body",
      "stall_seconds": 30,
      "title": "Send file",
      "undo": "Yes, what arrived can be deleted",
      "usual_seconds": null
    },
    {
      "bytes": 0,
      "can_stop": true,
      "key": "compare",
      "stall_seconds": 30,
      "title": "Compare copy",
      "undo": "Nothing is changed",
      "usual_seconds": 2
    }
  ],
  "production": false,
  "remote_name": "demo-reader-1.1.0.bin",
  "risks": [
    "The name must be free in the account. If it is not, nothing is sent.",
    "If the connection breaks before the response, the name is looked up at the service before anything is sent again."
  ],
  "simulated": true,
  "verified_when": "The remote copy has 393,288 bytes and the SHA-256 33d6…c497."
};

export const readers: ReaderView[] = [
  {
    "added": false,
    "destination": "sim:reader-1",
    "job": null,
    "reader": {
      "access": {
        "access": "ready"
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
        "access": "not_identified"
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
    "target": null
  }
];
