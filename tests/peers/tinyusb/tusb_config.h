/* What of TinyUSB is compiled: a device with DFU, and with the interface by which an application makes room for it. */
#ifndef TUSB_CONFIG_H
#define TUSB_CONFIG_H

#define CFG_TUSB_MCU OPT_MCU_VALENTYUSB_EPTRI
#define CFG_TUSB_OS OPT_OS_NONE
#define CFG_TUSB_RHPORT0_MODE (OPT_MODE_DEVICE | OPT_MODE_FULL_SPEED)

#define CFG_TUD_ENDPOINT0_SIZE 64
#define CFG_TUD_DFU 1
#define CFG_TUD_DFU_RUNTIME 1
#define CFG_TUD_DFU_XFER_BUFSIZE 1024

#endif
